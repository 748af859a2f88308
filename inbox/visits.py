"""When somebody was here last, and where the logs ended then: of a person, whatever browser they come with.

A visit ends when no page has been asked for during half an hour. What came since is what there is to catch up on.
"""
