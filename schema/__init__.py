"""What crosses to other programs, described: frames, twins, boot data and the messages of the channel layer."""
