"""Templates: Jinja2 in a sandbox that ends in time, and Faker seeded for each call."""
