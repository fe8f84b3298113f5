"""What each screen shows and may do, without a window: one module per screen."""
