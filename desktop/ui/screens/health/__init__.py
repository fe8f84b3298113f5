"""What must be well."""
