"""Tokens of services a team works with: documents, tickets, design, customers."""

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import A_UUID, IS, SOLID, TOKEN, UUID, named, token
from tidegate.domain.secrets.checks import digit, mixed
from tidegate.domain.secrets.rule import SecretRule

RULES: tuple[SecretRule, ...] = (
    token(
        "notion-token", "a Notion token", "Notion docs, internal integration tokens", "Notion, my integrations",
        "ntn_ secret_", r"ntn_[0-9]{11}[0-9A-Za-z]{35}|secret_(?=[0-9a-z]{0,42}[A-Z])[0-9A-Za-z]{43}",
        "ntn_<11:digits><35:alnum>", "secret_aB3<40:alnum>",
    ),
    token(
        "linear-key", "a Linear key", "Linear docs, API and OAuth", "Linear, settings, API",
        "lin_api_ lin_oauth_ lin_wh_", r"lin_(?:api|oauth|wh)_[0-9A-Za-z]{32,64}", "lin_api_<40:alnum>",
        "lin_oauth_<64:hex>",
    ),
    token(
        "figma-token", "a Figma token", "Figma docs, personal access tokens", "Figma, settings, security",
        "figd_ figo_ figu_ figr_", r"fig[dour]_[\w-]{40,60}", "figd_<40:word>",
    ),
    token(
        "airtable-token", "an Airtable token", "Airtable docs, personal access tokens", "Airtable, developer hub",
        "pat", r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}", "pat<14:alnum>.<64:hex>",
    ),
    token(
        "contentful-token", "a Contentful management token", "Contentful docs, personal access tokens",
        "Contentful, account settings, CMA tokens", "CFPAT-", r"CFPAT-[\w-]{43}", "CFPAT-<43:word>",
    ),
    token(
        "typeform-token", "a Typeform token", "Typeform docs, personal access tokens", "Typeform, account, tokens",
        "tfp_", r"tfp_[\w.-]{59}", "tfp_<44:alnum>_<14:alnum>",
    ),
    token(
        "hubspot-token", "a HubSpot token", "HubSpot docs, private apps", "HubSpot, settings, private apps, rotate",
        "pat-na pat-eu pat-ap", rf"pat-(?:na|eu|ap)\d-{UUID}", f"pat-na1-{A_UUID}", f"pat-eu1-{A_UUID}",
    ),
    token(
        "intercom-token", "an Intercom token", "Intercom docs, access tokens", "Intercom, developer hub, the app",
        "dG9rO", r"dG9rO[0-9A-Za-z+/]{54}=", "dG9rO<54:base64>=", checks=(structures.solid, *TOKEN[1:]),
    ),
    token(
        "clickup-token", "a ClickUp token", "ClickUp docs, personal tokens", "ClickUp, settings, apps, regenerate",
        "pk_", r"pk_\d{5,10}_[A-Z0-9]{32}", "pk_<8:digits>_<32:upper>",
    ),
    named(
        "klaviyo-key", "a Klaviyo private key", "Klaviyo docs, API keys", "Klaviyo, settings, API keys",
        "klaviyo_api_key klaviyo_key klaviyo_private_key klaviyo_private_api_key", r"pk_[0-9A-Za-z]{34}",
        "pk_<34:alnum>",
    ),
    token(
        "facebook-token", "a Facebook access token", "Meta docs, access tokens", "Meta for developers, the app",
        "EAA", r"EAA[A-Z][0-9A-Za-z]{80,400}", "EAAM9<150:alnum>", checks=(*SOLID, mixed),
    ),
    token(
        "okta-token", "an Okta token", "Okta docs, API tokens", "Okta admin, security, API, tokens", "ssws okta",
        rf"(?i:ssws\s{{1,4}}|okta[\w.-]{{0,12}}token{IS})(00[\w-]{{40}})", "Authorization: SSWS 00<40:word>",
        "OKTA_API_TOKEN=00<40:word>", group=1, fold=True,
    ),
    token(
        "salesforce-token", "a Salesforce session", "Salesforce docs, session ids and access tokens",
        "Salesforce, session management", "00D", r"00D[0-9A-Za-z]{12,15}![\w.]{80,120}", "00D<12:alnum>!<96:alnum>",
    ),
    token(
        "dropbox-token", "a Dropbox token", "Dropbox docs, OAuth, token types",
        "Dropbox app console, or `/2/auth/token/revoke`",
        "sl.A sl.B sl.C sl.u.", r"sl\.(?:u\.)?[A-C][\w-]{120,1600}", "sl.B<140:word>", "sl.u.A<140:word>",
    ),
    token(
        "mapbox-token", "a Mapbox secret token", "Mapbox docs, access tokens", "Mapbox, account, access tokens",
        "sk.eyJ1Ijoi", r"sk\.eyJ1Ijoi[\w-]{40,300}\.[\w-]{22}", "sk.eyJ1Ijoi<80:alnum>.<22:word>",
    ),
    token(
        "adobe-secret", "an Adobe client secret", "Adobe developer docs, OAuth server-to-server",
        "Adobe developer console",
        "p8e- p8s-", r"p8[es]-[\w-]{32}", "p8e-<32:word>",
    ),
    token(
        "adafruit-key", "an Adafruit IO key", "Adafruit IO docs, API keys", "Adafruit IO, my key, regenerate",
        "aio_", r"aio_[0-9A-Za-z]{28}", "aio_A1b<25:alnum>", checks=(*TOKEN, mixed),
    ),
    token(
        "zoho-token", "a Zoho token", "Zoho docs, OAuth tokens", "Zoho API console",
        "1000.", r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}", "1000.<32:hex>.<32:hex>",
    ),
    token(
        "linkedin-secret", "a LinkedIn client secret", "LinkedIn docs, client secrets",
        "LinkedIn developers, the app, auth",
        "WPL_AP1.", r"WPL_AP1\.[0-9A-Za-z]{16}\.[0-9A-Za-z+/]{6}==", "WPL_AP1.<16:alnum>.<6:alnum>==",
    ),
    token(
        "vk-token", "a VK token", "VK docs, access tokens", "VK, settings, security, end all sessions",
        "vk1.a.", r"vk1\.a\.[\w-]{170,300}", "vk1.a.<198:word>",
    ),
    token(
        "frameio-token", "a Frame.io token", "Frame.io docs, developer tokens", "Frame.io developer site, tokens",
        "fio-u-", r"fio-u-[\w-]{64}", "fio-u-<64:word>",
    ),
    token(
        "riot-key", "a Riot Games key", "Riot developer portal docs, API keys", "Riot developer portal",
        "RGAPI-", rf"RGAPI-{UUID}", f"RGAPI-{A_UUID}",
    ),
    token(
        "wakatime-key", "a WakaTime key", "WakaTime docs, API keys", "WakaTime, settings, API key",
        "waka_", rf"waka_{UUID}", f"waka_{A_UUID}",
    ),
    token(
        "cloudinary-url", "a Cloudinary address with its secret", "Cloudinary docs, configuration, CLOUDINARY_URL",
        "Cloudinary, settings, API keys", "cloudinary://", r"cloudinary://\d{12,16}:[\w-]{27}@[\w-]{1,60}",
        "cloudinary://<15:digits>:<27:word>@cloud",
    ),
    token(
        "configcat-key", "a ConfigCat SDK key", "ConfigCat docs, SDK keys", "ConfigCat, the environment's SDK keys",
        "configcat-sdk-", r"configcat-sdk-\d/[\w-]{22}/[\w-]{22}", "configcat-sdk-1/<22:alnum>/<22:alnum>",
    ),
    token(
        "devin-key", "a Devin key", "Devin docs, API keys", "Devin, settings, API keys",
        "apk_ cog_", r"apk_(?:user_)?[0-9A-Za-z+/]{60,300}={0,2}|cog_[a-z2-7]{52}", "apk_user_<140:alnum>",
        "cog_a2<50:small>",
        checks=(*SOLID, digit),
    ),
)  # fmt: skip
