"""What an audit says, for people and for other tools."""
