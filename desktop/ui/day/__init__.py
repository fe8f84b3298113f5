"""The hands of the headless day: one desk process whose real window is typed into and clicked on command."""
