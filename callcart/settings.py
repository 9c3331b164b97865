"""Django's settings, made from `callcart.config`. Nothing here is meant to be edited per installation."""

from __future__ import annotations

from typing import Any

from callcart.config import config
from callcart.core.dsn import Role, connection_parameters
from callcart.core.logs import logging_settings
from callcart.core.secrets import secret

_config = config()

SECRET_KEY = secret("django")
DEBUG = _config.debug
ALLOWED_HOSTS = ["*"]  # the host names the tenant; an unknown one is the default tenant's
ROOT_URLCONF = "callcart.web.urls"
WSGI_APPLICATION = "callcart.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
APPEND_SLASH = False

DOMAIN_APPS = [
    "callcart.core",
    "callcart.core.exchange",
    "callcart.people.tenants",
    "callcart.people.staff",
    "callcart.people.customers",
    "callcart.people.approvals",
    "callcart.people.tasks",
    "callcart.people.keys",
    "callcart.commerce.catalog",
    "callcart.commerce.pricing",
    "callcart.commerce.inventory",
    "callcart.commerce.shipping",
    "callcart.commerce.payments",
    "callcart.commerce.supply",
    "callcart.commerce.orders",
    "callcart.commerce.invoicing",
    "callcart.commerce.fulfilment",
    "callcart.commerce.aftersales",
    "callcart.contact.conversations",
    "callcart.contact.hours",
    "callcart.contact.recordings",
    "callcart.contact.routing",
    "callcart.contact.voice",
    "callcart.contact.messaging",
    "callcart.contact.callbacks",
    "callcart.contact.voicemail",
    "callcart.contact.webcalls",
    "callcart.contact.supervision",
    "callcart.engage.survey",
    "callcart.engage.ivr",
    "callcart.engage.notices",
    "callcart.engage.webhooks",
    "callcart.engage.canned",
    "callcart.engage.cards",
    "callcart.insight.board",
]
WEB_APPS = [
    "callcart.web",
    "callcart.web.accounts",
    "callcart.web.desk",
    "callcart.web.floor",
    "callcart.web.office",
    "callcart.web.shop",
    "callcart.web.chat",
    "callcart.web.api",
]
INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *DOMAIN_APPS,
    "callcart.integrations",
    *WEB_APPS,
]

MIDDLEWARE = [
    "callcart.web.middleware.StaticMiddleware",
    "callcart.web.middleware.ForwardedMiddleware",
    "callcart.web.metrics.MetricsMiddleware",
    "callcart.web.middleware.SecurityHeadersMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "callcart.web.middleware.TenantMiddleware",
    "callcart.web.middleware.SessionMiddleware",
    "callcart.web.middleware.LanguageMiddleware",
    "callcart.web.uploads.UploadMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "callcart.web.jinja.environment"},
    },
]

STATIC_URL = "/static/"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

CSRF_COOKIE_SECURE = _config.tls
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrf"
CSRF_TRUSTED_ORIGINS: list[str] = []
CSRF_FAILURE_VIEW = "callcart.web.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"


def _database(role: Role) -> dict[str, Any]:
    found = connection_parameters(role)
    extra = {
        key: value
        for key, value in found.items()
        if key not in {"host", "port", "user", "password", "dbname"}
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": found["host"],
        "PORT": found["port"],
        "USER": found["user"],
        "PASSWORD": found["password"],
        "NAME": found["dbname"],
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {**extra, "application_name": "callcart", "connect_timeout": 5},
    }


DATABASES = {"default": _database("app"), "owner": _database("owner"), "system": _database("system")}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_DATABASE_ALIAS = "default"

# payment providers by name; those with keys of a shop's own are offered once it has set them up
CALLCART_GATEWAYS = {
    "demo": "callcart.integrations.gateways.demo.DemoGateway",
    "stripe": "callcart.integrations.gateways.stripe.StripeGateway",
    "alipay": "callcart.integrations.gateways.alipay.AlipayGateway",
}

# carriers we can talk to, by name: the adapter, how people call it, and what it needs of a shop's account
CALLCART_CARRIERS = {
    "demo": {
        "path": "callcart.integrations.carriers.demo.DemoCarrier",
        "label": "Meadow Post (demo)",
        "account": (),
    },
    "seventeen": {
        "path": "callcart.integrations.carriers.seventeen.SeventeenTrack",
        "label": "17TRACK",
        "account": ("token", "carrier", "timezone"),
    },
}

# written channels by name
CALLCART_CHANNELS: dict[str, str] = {
    "web": "callcart.integrations.webchat.WebChat",
    "smpp": "callcart.integrations.sms.smpp.SmppChannel",
    "sms_http": "callcart.integrations.sms.http.HttpSmsChannel",
    "mail": "callcart.integrations.mail.channel.MailChannel",
}

# what carries sign-in codes and notices by SMS, on an installation that is not for show
CALLCART_CODES = "callcart.contact.messaging.announce.LineCodes"

# what sends mail to customers, where a mail server is named
CALLCART_MAIL = "callcart.integrations.smtp.SmtpMail"

# what the desk's demo panel calls to have somebody phone
CALLCART_DEMO_CALL = "callcart.demo.caller.start_in_background"

# what writes down what is said in recordings, where it and a model are installed
CALLCART_TRANSCRIBER = "callcart.integrations.vosk.VoskTranscriber"

# where the telephone engine leaves the sound of a call until it is kept
CALLCART_RECORDINGS = _config.home / "asterisk" / "spool" / "recording"

LOGGING_CONFIG = "callcart.core.logs.configure"
LOGGING = logging_settings(_config)
