"""One module or folder for each screen: widgets over a view model, no input or output of their own."""
