"""The WSGI application granian serves."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
application = get_wsgi_application()

# What is loaded by now lives as long as the process: the collector need not look at it again. A request makes many small
# objects and hardly a cycle; with the default threshold an eighth of its time went into looking for some.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
