"""Keys of services that run or train models."""

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.catalog.rows import A_UUID, SOLID, TELLING, TOKEN, UUID, named, token
from tidegate.domain.secrets.checks import digit, mixed
from tidegate.domain.secrets.rule import SecretRule

RULES: tuple[SecretRule, ...] = (
    token(
        "anthropic-key", "an Anthropic key", "Anthropic docs, API keys and admin keys", "Claude Console, API keys",
        "sk-ant-", r"sk-ant-[a-z]{2,12}\d\d-[\w-]{80,120}", "sk-ant-api03-<93:word>AA",
        "sk-ant-admin01-<93:word>AA", inside=True,
        checks=(*TELLING, structures.no_alphabet),
    ),
    token(
        "openai-key", "an OpenAI key", "OpenAI docs, API keys, project and service account keys",
        "OpenAI platform, API keys", "T3BlbkFJ",
        r"sk-(?:(?:proj|svcacct|admin|None)-)?[\w-]{20,160}T3BlbkFJ[\w-]{20,160}",
        "sk-proj-<74:alnum>T3BlbkFJ<74:alnum>", "sk-<20:alnum>T3BlbkFJ<20:alnum>", inside=True, checks=TELLING,
    ),
    token(
        "openrouter-key", "an OpenRouter key", "OpenRouter docs, authentication", "OpenRouter, settings, keys",
        "sk-or-v1-", r"sk-or-v1-[0-9a-f]{64}", "sk-or-v1-<64:hex>",
    ),
    token(
        "langfuse-key", "a Langfuse secret key", "Langfuse docs, API authentication", "Langfuse, project settings",
        "sk-lf-", rf"sk-lf-{UUID}", f"sk-lf-{A_UUID}",
    ),
    token(
        "deepseek-key", "a DeepSeek key (or of a service with keys of its form)", "DeepSeek API docs, first call",
        "DeepSeek platform, API keys", "sk-", r"sk-[0-9a-f]{32}", "sk-<32:hex>", checks=(*SOLID, digit),
    ),
    token(
        "stability-key", "a Stability AI key (or an old OpenAI key)", "Stability AI docs, authentication",
        "Stability AI or OpenAI, API keys", "sk-", r"sk-[0-9A-Za-z]{48}", "sk-aB3<45:alnum>", checks=(*SOLID, mixed),
    ),
    token(
        "elevenlabs-key", "an ElevenLabs key", "ElevenLabs docs, API keys", "ElevenLabs, developers, API keys",
        "sk_", r"sk_[0-9a-f]{48}", "sk_<48:hex>",
    ),
    token(
        "huggingface-token", "a Hugging Face token", "Hugging Face docs, user access tokens",
        "Hugging Face, settings, access tokens", "hf_ api_org_", r"(?:hf_|api_org_)[A-Za-z]{34}",
        "hf_<34:letters>", "api_org_<34:letters>", negatives=("hf_transformers_tokenizer_configuration_x",),
    ),
    token(
        "groq-key", "a Groq key", "Groq docs, API keys", "Groq console, API keys",
        "gsk_", r"gsk_[0-9A-Za-z]{52}", "gsk_<52:alnum>",
    ),
    token(
        "perplexity-key", "a Perplexity key", "Perplexity docs, API keys", "Perplexity, settings, API",
        "pplx-", r"pplx-[0-9A-Za-z]{48}", "pplx-<48:alnum>",
    ),
    token(
        "replicate-token", "a Replicate token", "Replicate docs, API tokens", "Replicate, account, API tokens",
        "r8_", r"r8_[0-9A-Za-z]{37}", "r8_<37:alnum>",
    ),
    token(
        "xai-key", "an xAI key", "xAI docs, API keys", "xAI console, API keys",
        "xai-", r"xai-[0-9A-Za-z]{80}", "xai-<80:alnum>",
    ),
    token(
        "fireworks-key", "a Fireworks key", "Fireworks docs, API keys", "Fireworks, settings, API keys",
        "fw_", r"fw_(?=[0-9a-z]{0,21}[A-Z])[0-9A-Za-z]{22,24}", "fw_3Za<21:alnum>", checks=(*TOKEN, mixed),
    ),
    token(
        "together-key", "a Together AI key", "Together AI docs, API keys", "Together AI, settings, API keys",
        "tgp_v1_", r"tgp_v1_[\w-]{43}", "tgp_v1_<43:word>",
    ),
    token(
        "cerebras-key", "a Cerebras key", "Cerebras docs, API keys", "Cerebras Cloud, API keys",
        "csk-", r"csk-[a-z0-9]{48}", "csk-<48:lower>",
    ),
    token(
        "nvidia-key", "an NVIDIA key", "NVIDIA docs, NGC and build API keys", "NVIDIA build, API keys",
        "nvapi-", r"nvapi-[\w-]{64}", "nvapi-<64:word>",
    ),
    token(
        "langsmith-key", "a LangSmith key", "LangSmith docs, API keys", "LangSmith, settings, API keys",
        "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}", "lsv2_pt_<32:hex>_<10:hex>",
    ),
    token(
        "pinecone-key", "a Pinecone key", "Pinecone docs, API keys", "Pinecone console, API keys",
        "pcsk_", r"pcsk_[0-9A-Za-z]{4,7}_[0-9A-Za-z]{60,66}", "pcsk_<6:alnum>_<63:alnum>",
    ),
    token(
        "jina-key", "a Jina key", "Jina AI docs, API keys", "Jina AI, API dashboard",
        "jina_", r"jina_[0-9a-f]{32}[\w-]{28}", "jina_<32:hex><28:word>",
    ),
    token(
        "tavily-key", "a Tavily key", "Tavily docs, API keys", "Tavily, API keys",
        "tvly-", r"tvly-(?:dev-|prod-)?[0-9A-Za-z]{32}", "tvly-<32:alnum>", "tvly-dev-<32:alnum>",
    ),
    token(
        "apify-token", "an Apify token", "Apify docs, API tokens", "Apify console, settings, integrations",
        "apify_api_", r"apify_api_[0-9A-Za-z]{36,40}", "apify_api_<36:alnum>",
    ),
    token(
        "llamaindex-key", "a LlamaCloud key", "LlamaCloud docs, API keys", "LlamaCloud, API keys",
        "llx-", r"llx-[0-9A-Za-z]{48}", "llx-<48:alnum>",
    ),
    token(
        "e2b-key", "an E2B key", "E2B docs, API keys", "E2B dashboard, API keys",
        "e2b_", r"e2b_[0-9a-f]{40}", "e2b_<40:hex>",
    ),
    token(
        "kaggle-token", "a Kaggle token", "Kaggle docs, API tokens", "Kaggle, settings, API",
        "KGAT_", r"KGAT_[0-9a-f]{32}", "KGAT_<32:hex>",
    ),
    token(
        "firecrawl-key", "a Firecrawl key", "Firecrawl docs, authentication", "Firecrawl, API keys",
        "fc-", r"fc-[0-9a-f]{32}", "fc-<32:hex>", checks=(*SOLID, digit),
    ),
    named(
        "wandb-key", "a Weights & Biases key", "W&B docs, environment variables", "Weights & Biases, user settings",
        "wandb_api_key", r"[0-9a-f]{40}|wandb_v1_[\w-]{70,90}", "<40:hex>",
    ),
    named(
        "cohere-key", "a Cohere key", "Cohere docs, API keys; its environment variables", "Cohere dashboard, API keys",
        "cohere_api_key co_api_key", r"[0-9A-Za-z]{40}", "<40:alnum>", checks=(*SOLID, mixed),
    ),
    named(
        "mistral-key", "a Mistral key", "Mistral docs, API keys; its environment variables", "La Plateforme, API keys",
        "mistral_api_key", r"[0-9A-Za-z]{32}", "<32:alnum>", checks=(*SOLID, mixed),
    ),
)  # fmt: skip
