namespace Runs.Store;

/// <summary>
/// Translates the exceptions of a database driver. <see cref="ExceptionTranslatingRunStore"/> and
/// <see cref="ExceptionTranslatingApiKeyStore"/> apply it to every call, so the stores themselves do not.
/// </summary>
internal abstract class StoreExceptionTranslator
{
    /// <summary>
    /// Awaits <paramref name="call"/> and rethrows a transient exception as <see cref="StoreUnavailableException"/>.
    /// </summary>
    /// <remarks>A call that has completed, such as a read of SQLite, costs nothing more.</remarks>
    public Task<T> Translate<T>(Task<T> call) => call.IsCompletedSuccessfully ? call : AwaitAndTranslate(call);

    /// <inheritdoc cref="Translate{T}"/>
    public async Task Translate(Task call)
    {
        try
        {
            await call;
        }
        catch (Exception exception)
        {
            ThrowIfTransient(exception);
            throw;
        }
    }

    /// <summary>
    /// Reports a transient failure to <see cref="StoreAvailability"/> and returns the exception that callers of the
    /// store get for it. Returns null for any other exception, which callers get unchanged.
    /// </summary>
    public abstract StoreUnavailableException? TryTranslate(Exception exception);

    private async Task<T> AwaitAndTranslate<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (Exception exception)
        {
            ThrowIfTransient(exception);
            throw;
        }
    }

    private void ThrowIfTransient(Exception exception)
    {
        if (TryTranslate(exception) is { } unavailable)
        {
            throw unavailable;
        }
    }
}
