"""Tokens and webhooks of chats, and keys of services that send mail and messages."""

from tidegate.domain.secrets.catalog.rows import A_UUID, IS, SOLID, TELLING, UUID, token
from tidegate.domain.secrets.checks import varied
from tidegate.domain.secrets.rule import SecretRule

_SLACK = "Slack docs, token types; incoming webhooks"

RULES: tuple[SecretRule, ...] = (
    token(
        "slack-token", "a Slack token", _SLACK, "Slack, the app's settings, OAuth and permissions",
        "xoxb- xoxp- xoxa- xoxe- xoxe. xoxo- xoxr- xoxs- xoxc- xoxd- xapp-",
        r"xapp-\d-[A-Z0-9]{3,20}-\d{3,20}-[a-z0-9]{32,128}"
        r"|xox[abceoprs](?:\.xox[bp])?-(?!\d{2,5}-)(?:[0-9A-Za-z]{1,24}-){1,5}[0-9A-Za-z]{20,250}|xoxd-[0-9A-Za-z%+/=]{60,300}",
        "xoxb-<12:digits>-<12:digits>-<24:alnum>", "xoxp-<12:digits>-<12:digits>-<12:digits>-<32:hex>",
        "xapp-1-A<10:upper>-<13:digits>-<64:hex>", "xoxe.xoxp-1-<160:alnum>", inside=True, checks=TELLING,
    ),
    token(
        "slack-webhook", "a Slack webhook", _SLACK, "Slack, the app's settings, incoming webhooks",
        "hooks.slack.com/", r"hooks\.slack\.com/(?:services/T\w{7,12}/B\w{7,12}|workflows/T\w{7,12}/A\w{7,12}/\d{12,20}"
        r"|triggers/[A-Z]\w{7,14}/\d{10,20})/[0-9A-Za-z]{23,32}",
        "hooks.slack.com/services/T<9:upper>/B<9:upper>/<24:alnum>",
        "hooks.slack.com/workflows/T<9:upper>/A<9:upper>/<18:digits>/<24:alnum>",
    ),
    token(
        "discord-webhook", "a Discord webhook", "Discord docs, webhook resource", "Discord, the channel, integrations",
        "/api/webhooks/", r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{17,20}/[\w-]{60,80}",
        "discord.com/api/webhooks/<18:digits>/<68:word>",
    ),
    token(
        "telegram-token", "a Telegram bot token", "Telegram docs, bots, authorizing your bot",
        "Telegram, BotFather, `/revoke`", ":AA", r"\d{8,10}:AA[\w-]{33}", "<10:digits>:AA<33:word>",
    ),
    token(
        "feishu-webhook", "a Feishu or Lark webhook", "Feishu open platform docs, custom bots", "the group, bots",
        "/open-apis/bot/", rf"/open-apis/bot/v2/hook/({UUID})", f"https://x/open-apis/bot/v2/hook/{A_UUID}",
        group=1,
    ),
    token(
        "dingtalk-webhook", "a DingTalk webhook", "DingTalk open platform docs, custom robots", "the group, robots",
        "/robot/send?access_token=", r"/robot/send\?access_token=([0-9a-f]{64})",
        "https://x/robot/send?access_token=<64:hex>", group=1,
    ),
    token(
        "wecom-webhook", "a WeCom webhook", "WeCom developer docs, group robots", "the group, robots",
        "/webhook/send?key=", rf"/cgi-bin/webhook/send\?key=({UUID})", f"https://x/cgi-bin/webhook/send?key={A_UUID}",
        group=1,
    ),
    token(
        "zapier-webhook", "a Zapier webhook", "Zapier help, webhooks", "Zapier, the Zap's trigger",
        "hooks.zapier.com/", r"hooks\.zapier\.com/hooks/catch/\d{4,10}/[0-9a-z]{5,10}",
        "hooks.zapier.com/hooks/catch/<7:digits>/q<7:lower>",
    ),
    token(
        "ifttt-webhook", "an IFTTT webhook key", "IFTTT help, webhooks service",
        "IFTTT, webhooks, settings, edit connection",
        "maker.ifttt.com/", r"maker\.ifttt\.com/trigger/[^\s/]{1,80}/(?:json/)?with/key/([\w-]{20,60})",
        "https://maker.ifttt.com/trigger/done/with/key/<43:word>", group=1,
    ),
    token(
        "sendgrid-key", "a SendGrid key", "Twilio SendGrid docs, API keys", "SendGrid, settings, API keys",
        "SG.", r"SG\.[\w-]{22}\.[\w-]{43}", "SG.<22:word>.<43:word>",
    ),
    token(
        "mailgun-key", "a Mailgun key", "Mailgun docs, API keys", "Mailgun, settings, API keys", "mailgun",
        r"(?i:mailgun)[^\n]{0,60}?(?<![0-9A-Za-z-])(key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})(?![0-9A-Za-z-])",
        "MAILGUN_API_KEY=key-<32:hex>", "mailgun.api_key: <32:hex>-<8:hex>-<8:hex>", group=1, fold=True,
    ),
    token(
        "mailchimp-key", "a Mailchimp key", "Mailchimp docs, API keys", "Mailchimp, account, extras, API keys",
        "-us", r"[0-9a-f]{32}-us\d{1,2}", "<32:hex>-us12",
    ),
    token(
        "brevo-key", "a Brevo key", "Brevo docs, API keys and SMTP keys", "Brevo, SMTP and API",
        "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[0-9a-f]{64}-[0-9A-Za-z]{16}", "xkeysib-<64:hex>-<16:alnum>",
    ),
    token(
        "resend-key", "a Resend key", "Resend docs, API keys", "Resend, API keys",
        "re_", r"re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24}", "re_<8:alnum>_<24:alnum>",
    ),
    token(
        "twilio-token", "a Twilio auth token", "Twilio docs, auth tokens",
        "Twilio console, account, API keys and tokens",
        "twilio", rf"(?i:twilio[\w.-]{{0,20}}(?:token|secret)){IS}([0-9a-f]{{32}})", "TWILIO_AUTH_TOKEN=<32:hex>",
        'twilioAuthToken: "<32:hex>"', group=1, checks=(*SOLID, varied), fold=True,
    ),
)  # fmt: skip
