"""One master and its workers: started, watched, replaced, drained. The master knows no room and reads no setting.

`sheaf serve` and `sheaf worker ...` each are a master (`master.py`) with workers (`child.py`): fresh interpreters, one
control socket each. The first worker of a generation reads the settings, looks whether it may start, and says what the
master has to know; the others get the very same settings.
"""
