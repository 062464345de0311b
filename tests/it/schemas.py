"""Validates JSON values by schemas that refer to each other by the names of their files.

Reads {"schemas": {NAME: SCHEMA}, "values": [[NAME, VALUE], ...]} on stdin, and prints a list with null for each value that its schema
allows, and for each other one its first error.
"""

import json
import sys

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

asked = json.load(sys.stdin)
schemas = asked["schemas"]
registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
for schema in schemas.values():
    Draft202012Validator.check_schema(schema)


def first_error(name, value):
    for error in Draft202012Validator(schemas[name], registry=registry).iter_errors(value):
        return f"{error.json_path}: {error.message[:300]}"


json.dump([first_error(name, value) for name, value in asked["values"]], sys.stdout)
