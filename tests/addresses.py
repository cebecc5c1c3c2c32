"""The address of the test's own database, for processes that a test starts."""

from urllib.parse import quote, urlencode

from django.db import connection


def url_of_the_database() -> str:
    """DATABASE_URL of the database of this test, with the options of the run's own."""
    told = connection.settings_dict
    # What is the program's own choice for every connection has no place in an address.
    options = {name: value for name, value in told["OPTIONS"].items() if name != "prepare_threshold"}
    query = urlencode({"host": told["HOST"], "port": told["PORT"]} | options, quote_via=quote)
    who = quote(told["USER"], safe="")
    if told["PASSWORD"]:
        who += ":" + quote(told["PASSWORD"], safe="")
    return f"postgresql://{who}@/{quote(told['NAME'], safe='')}?{query}"
