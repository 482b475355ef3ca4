"""Simple-JWT behind gunicorn, as a team would start it: refresh tokens are rotated and blacklisted.

Copied into a folder of its own and started there. `DATABASE` is `sqlite:PATH` or `postgres:PORT`.
`python service.py COUNT` makes the tables and prints COUNT refresh tokens as JSON.
"""

import json
import os
import sys

import django
from django.conf import settings

kind, _, place = os.environ["DATABASE"].partition(":")
if kind == "postgres":
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "curfew",
        "HOST": "127.0.0.1",
        "PORT": place,
        "CONN_MAX_AGE": None,
    }
else:
    # What Django's own documentation advises for many writers.
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": place,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }

settings.configure(
    SECRET_KEY=os.environ["SECRET"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework_simplejwt",
        "rest_framework_simplejwt.token_blacklist",
    ],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": database},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    },
    SIMPLE_JWT={"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True},
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework_simplejwt.views import TokenRefreshView  # noqa: E402

urlpatterns = [path("token/refresh", TokenRefreshView.as_view())]
application = get_wsgi_application()


def prepare(count):
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from rest_framework_simplejwt.tokens import RefreshToken

    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create([User(username=f"user-{index}") for index in range(count)])
    print(json.dumps([str(RefreshToken.for_user(user)) for user in users]))


if __name__ == "__main__":
    prepare(int(sys.argv[1]))
