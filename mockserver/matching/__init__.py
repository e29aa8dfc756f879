"""Whether a stub matches a call. The primitive is the difference: to match is to have none.

`difference` says what a condition is; `requests`, `texts`, `tools`, `fields` and `logic` are the conditions; `regexes`
and `translate` keep regexes from taking too long; `nearest` finds the stubs that came nearest.
"""
