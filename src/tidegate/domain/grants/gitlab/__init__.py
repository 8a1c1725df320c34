"""What the jobs of a GitLab pipeline may do, who can start them, and what they run."""
