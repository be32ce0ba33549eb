"""One pure function per indicator, named as its catalogue key."""
