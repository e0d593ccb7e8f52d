"""The facts: what the policy texts say, as pure functions over packaged data."""
