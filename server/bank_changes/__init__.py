"""The bank changes room: nobody's bank details change but through a documented case that two other people sign."""
