"""Everything between a pressed key and an action: layouts, scanners, and the one registry of keys."""
