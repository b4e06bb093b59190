"""The four papers re-run: every published claim beside ours."""
