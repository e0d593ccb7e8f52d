"""What caseworkers do with registrations."""
