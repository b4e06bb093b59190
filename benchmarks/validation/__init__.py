"""Monte-Carlo validation of every error bar the package prints."""
