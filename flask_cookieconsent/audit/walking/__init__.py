"""The walk: every page of an app, asked for in this process as several visitors, and what each contacts."""
