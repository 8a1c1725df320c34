"""GitLab CI configuration: files joined as GitLab joins them, and the jobs that come out."""
