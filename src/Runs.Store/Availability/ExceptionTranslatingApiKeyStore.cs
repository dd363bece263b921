namespace Runs.Store;

/// <summary>Decorates a store of API keys in the same way as <see cref="ExceptionTranslatingRunStore"/>.</summary>
internal sealed class ExceptionTranslatingApiKeyStore(IApiKeyStore store, StoreExceptionTranslator translator) : IApiKeyStore
{
    public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) =>
        translator.Translate(store.TryInsert(key, cancellationToken));

    public Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) =>
        translator.Translate(store.Find(prefixes, cancellationToken));

    public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) =>
        translator.Translate(store.List(tenant, cancellationToken));

    public Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken) =>
        translator.Translate(store.ExpireAt(prefix, time, cancellationToken));
}
