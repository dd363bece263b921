using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>Looks up API keys in the store by their prefix.</summary>
internal sealed class StoredKeyLookup(IApiKeyStore store)
    : BatchedLookup<string, ApiKeyRecord>("API keys", store.Find, key => key.Prefix);
