"""Keys of payment, shop and shipping services."""

import random

from tidegate.domain.secrets.catalog.rows import A_UUID, SOLID, TOKEN, UUID, token
from tidegate.domain.secrets.checks import cased, digit
from tidegate.domain.secrets.rule import SecretRule

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _wallet(rng: random.Random) -> str:
    return "xprv" + "".join(rng.choice(_BASE58) for _ in range(107))


RULES: tuple[SecretRule, ...] = (
    token(
        "stripe-key", "a Stripe live key", "Stripe docs, API keys, secret and restricted keys",
        "Stripe, developers, API keys, roll key", "sk_live_ rk_live_ sk_prod_ rk_prod_",
        r"[rs]k_(?:live|prod)_[0-9A-Za-z]{16,247}", "sk_live_<24:alnum>", "rk_live_<99:alnum>",
        checks=(*TOKEN, cased),
    ),
    token(
        "stripe-webhook-secret", "a webhook signing secret", "Stripe docs, webhook signatures; Standard Webhooks",
        "the service's webhook settings, roll secret", "whsec_", r"whsec_[0-9A-Za-z+/]{31,64}={0,2}",
        "whsec_<32:alnum>", "whsec_<43:base64>=",
    ),
    token(
        "paypal-token", "a Braintree access token", "Braintree docs, access tokens", "Braintree control panel",
        "access_token$production$", r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}",
        "access_token$production$<16:lower>$<32:hex>",
    ),
    token(
        "square-token", "a Square token", "Square docs, access tokens", "Square developer console, credentials",
        "sq0atp- sq0csp-", r"sq0(?:atp-[\w-]{22}|csp-[\w-]{43})", "sq0atp-<22:word>", "sq0csp-<43:word>",
    ),
    token(
        "plaid-token", "a Plaid access token", "Plaid docs, tokens",
        "Plaid: `/item/remove` or `/item/access_token/invalidate`",
        "access-production- access-development-", rf"access-(?:production|development)-{UUID}",
        f"access-production-{A_UUID}",
    ),
    token(
        "shopify-token", "a Shopify token", "Shopify docs, authentication, token formats",
        "Shopify admin, apps, or the partner dashboard", "shpat_ shpca_ shppa_ shpss_",
        r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}", "shpat_<32:hex>", "shpss_<32:hex>",
    ),
    token(
        "paddle-key", "a Paddle key", "Paddle docs, API keys, format", "Paddle, developer tools, authentication",
        "pdl_live_apikey_", r"pdl_live_apikey_[0-9a-z]{26}_[0-9A-Za-z]{22}_[0-9A-Za-z]{3}",
        "pdl_live_apikey_<26:lower>_<22:alnum>_<3:alnum>",
    ),
    token(
        "flutterwave-key", "a Flutterwave key", "Flutterwave docs, authentication", "Flutterwave, settings, API",
        "FLWSECK-", r"FLWSECK-[0-9a-f]{32}(?:-[0-9a-z]{6,14})?-X", "FLWSECK-<32:hex>-X",
    ),
    token(
        "xendit-key", "a Xendit key", "Xendit docs, API keys", "Xendit, settings, API keys",
        "xnd_production_", r"xnd_production_[0-9A-Za-z]{40,80}", "xnd_production_<56:alnum>",
    ),
    token(
        "midtrans-key", "a Midtrans server key", "Midtrans docs, API keys", "Midtrans, settings, access keys",
        "Mid-server-", r"Mid-server-[\w-]{24}", "Mid-server-<24:word>",
    ),
    token(
        "mercadopago-token", "a Mercado Pago token", "Mercado Pago docs, credentials",
        "Mercado Pago, your integrations",
        "APP_USR-", r"APP_USR-\d{12,20}-\d{6}-[0-9a-f]{32}-\d{6,12}",
        "APP_USR-<16:digits>-<6:digits>-<32:hex>-<9:digits>",
    ),
    token(
        "omise-key", "an Omise key", "Omise docs, authentication", "Omise, keys",
        "skey_", r"skey_[0-9a-z]{19}", "skey_<19:lower>", checks=(*TOKEN, digit),
    ),
    token(
        "polar-token", "a Polar token", "Polar docs, organization access tokens", "Polar, settings, developers",
        "polar_oat_ polar_pat_", r"polar_[op]at_[\w-]{40,60}", "polar_oat_<43:alnum>",
    ),
    token(
        "easypost-key", "an EasyPost key", "EasyPost docs, authentication", "EasyPost, account, API keys",
        "EZAK EZTK", r"EZ[AT]K[0-9A-Za-z]{54}", "EZAK<54:alnum>", checks=SOLID,
    ),
    token(
        "shippo-token", "a Shippo token", "Shippo docs, authentication", "Shippo, settings, API",
        "shippo_live_", r"shippo_live_[0-9a-f]{40}", "shippo_live_<40:hex>",
    ),
    token(
        "duffel-token", "a Duffel token", "Duffel docs, access tokens", "Duffel, developers, access tokens",
        "duffel_live_", r"duffel_live_[\w-]{43}", "duffel_live_<43:word>",
    ),
    token(
        "calcom-key", "a Cal.com key", "Cal.com docs, API authentication", "Cal.com, settings, API keys",
        "cal_live_", r"cal_live_[0-9a-f]{32}", "cal_live_<32:hex>",
    ),
    token(
        "rapidapi-key", "a RapidAPI key", "RapidAPI docs, keys", "RapidAPI, my apps, security",
        "jsn", r"[0-9a-f]{10}msh[0-9a-f]{15}p1[0-9a-f]{6}jsn[0-9a-f]{11,12}", "<10:hex>msh<15:hex>p1<6:hex>jsn<12:hex>",
        checks=SOLID,
    ),
    token(
        "extended-private-key", "an extended private key of a wallet", "BIP 32, serialization format",
        "nowhere: move the funds to a new wallet", "xprv", r"[xyz]prv[1-9A-HJ-NP-Za-km-z]{107}", _wallet,
        negatives=("xprv<60:alnum>",),
        checks=SOLID,
    ),
)  # fmt: skip
