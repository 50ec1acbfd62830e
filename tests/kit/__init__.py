"""The one kit of fixtures: sites, sample services, synthetic registries, facts about providers."""
