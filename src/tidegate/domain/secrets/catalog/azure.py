"""Keys of Azure's services: they carry their service's signature at a fixed place."""

from tidegate.domain.secrets.catalog.rows import LONG, SOLID, token
from tidegate.domain.secrets.checks import no_digest, real, unpublished
from tidegate.domain.secrets.rule import SecretRule
from tidegate.domain.secrets.structures import unfilled

_SIGNED = "Microsoft Learn, identifiable keys; Microsoft security utilities, key signatures"

RULES: tuple[SecretRule, ...] = (
    token(
        "azure-storage-key", "an Azure storage key", "Microsoft Learn, storage, connection strings",
        "Azure, the storage account, access keys, rotate key", "AccountKey= +ASt",
        r"(?<=AccountKey=)[0-9A-Za-z+/]{86}==(?![0-9A-Za-z+/=])|[0-9A-Za-z+/]{76}\+ASt[0-9A-Za-z+/]{6}==",
        "AccountKey=<86:base64>==", "<76:alnum>+ASt<6:alnum>==", checks=(unpublished, unfilled, no_digest),
        inside=True,
    ),
    token(
        "azure-cosmos-key", "an Azure Cosmos DB key", _SIGNED, "Azure, the Cosmos DB account, keys",
        "ACDb", r"[0-9A-Za-z+/]{76}ACDb[0-9A-Za-z+/]{6}==", "<76:alnum>ACDb<6:alnum>==", checks=LONG,
    ),
    token(
        "azure-batch-key", "an Azure Batch or Machine Learning key", _SIGNED, "Azure, the account, keys",
        "+ABa +AMC", r"[0-9A-Za-z+/]{76}(?:\+ABa|\+AMC)[0-9A-Za-z+/]{6}==", "<76:alnum>+ABa<6:alnum>==", checks=LONG,
    ),
    token(
        "azure-bus-key", "an Azure Service Bus, Event Hubs, Relay or IoT key", _SIGNED,
        "Azure, the namespace, shared access policies", "AIoT +ASb +AEh +ARm",
        r"[0-9A-Za-z+/]{33}(?:AIoT|\+ASb|\+AEh|\+ARm)[A-P][0-9A-Za-z+/]{5}=", "<33:alnum>+ASbB<5:alnum>=",
        "<33:alnum>AIoTC<5:alnum>=", checks=LONG,
    ),
    token(
        "azure-shared-access-key", "an Azure shared access key",
        "Microsoft Learn, Service Bus and IoT, connection strings",
        "Azure, the namespace or hub, shared access policies", "SharedAccessKey=",
        r"(?<=SharedAccessKey=)[0-9A-Za-z+/]{43}=", "SharedAccessKeyName=Root;SharedAccessKey=<43:base64>=",
        checks=(real, no_digest), inside=True,
    ),
    token(
        "azure-sas", "an Azure shared access signature", "Microsoft Learn, storage, create a service SAS",
        "Azure, the storage account: delete the stored access policy or rotate the key", "sig=",
        r"[?&]s[a-z]{1,4}=[\w%:.,&=+/-]{10,600}&sig=[0-9A-Za-z%+/]{43,70}(?:%3[Dd]|=)",
        "?sv=2024-11-04&ss=b&srt=sco&sp=rwdl&se=2030-01-01T00:00:00Z&sig=<43:alnum>%3D",
        "?sp=r&st=2030-01-01&se=2030-02-01&sr=b&sig=<43:alnum>=",
        checks=(real, no_digest), inside=True,
    ),
    token(
        "azure-openai-key", "an Azure AI services key", _SIGNED, "Azure, the resource, keys and endpoint, regenerate",
        "JQQJ9", r"[0-9A-Za-z]{52}JQQJ9[9D][0-9A-Za-z]{26}(?:[0-9A-Za-z+/]{2}==)?", "<52:alnum>JQQJ99BBACo<21:alnum>",
        checks=SOLID,
    ),
    token(
        "azure-search-key", "an Azure AI Search key", _SIGNED, "Azure, the search service, keys",
        "AzSe", r"[0-9A-Za-z]{42}AzSe[A-D][0-9A-Za-z]{5}", "<42:alnum>AzSeB<5:alnum>", checks=SOLID,
    ),
    token(
        "azure-function-key", "an Azure Functions key", _SIGNED, "Azure, the function app, app keys",
        "AzFu", r"[\w-]{44}AzFu[\w-]{5}[AQgw]==", "<44:alnum>AzFu<5:alnum>Q==", checks=SOLID,
    ),
    token(
        "azure-registry-key", "an Azure container registry key", _SIGNED, "Azure, the registry, access keys",
        "+ACR", r"[0-9A-Za-z+/]{42}\+ACR[A-D][0-9A-Za-z+/]{5}", "<42:alnum>+ACRB<5:alnum>", checks=SOLID,
    ),
    token(
        "azure-redis-key", "an Azure Redis key", _SIGNED, "Azure, the cache, authentication, access keys",
        "AzCa", r"[0-9A-Za-z]{33}AzCa[A-P][0-9A-Za-z]{5}=", "<33:alnum>AzCaC<5:alnum>=", checks=SOLID,
    ),
    token(
        "azure-secret", "an Azure client secret", "Microsoft Learn, Entra ID, application secrets",
        "Entra ID, app registrations, certificates and secrets", "0Q~ 1Q~ 2Q~ 3Q~ 4Q~ 5Q~ 6Q~ 7Q~ 8Q~ 9Q~",
        r"(?<![~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?!~)", "Zx_8Q~<34:alnum>",
    ),
    token(
        "azure-logic-url", "the signed address of a workflow", "Microsoft Learn, Logic Apps, request triggers",
        "the workflow: regenerate its access keys", "logic.azure.com",
        r"logic\.azure\.com(?::443)?/workflows/[0-9a-f]{32}/[^\s\"'<>]{1,300}?[?&]sig=[\w-]{43}",
        "logic.azure.com:443/workflows/<32:hex>/triggers/manual/paths/invoke?api-version=2016-10-01&sig=<43:word>",
        checks=(real,), inside=True,
    ),
    token(
        "teams-webhook", "a Microsoft Teams webhook", "Microsoft Learn, Teams, incoming webhooks",
        "the channel, connectors, remove the webhook", "webhook.office.com",
        r"webhook\.office\.com/webhookb2/[0-9a-f@-]{70,80}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
        "x.webhook.office.com/webhookb2/<8:hex>-<4:hex>-<4:hex>-<4:hex>-<12:hex>@<8:hex>-<4:hex>-<4:hex>-<4:hex>-<12:hex>"
        "/IncomingWebhook/<32:hex>/<8:hex>-<4:hex>-<4:hex>-<4:hex>-<12:hex>", checks=(real,), inside=True,
    ),
)  # fmt: skip
