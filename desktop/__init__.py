"""The desk: what a branch and head office work in. `core` holds no Qt; `ui` is the only place that does."""
