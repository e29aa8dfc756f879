"""The API's own objects: the only place that knows the field names of answers."""
