"""Tables of identity."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Operator(AbstractBaseUser):
    """Someone who works the console."""

    email = models.EmailField(unique=True)
    USERNAME_FIELD = "email"
