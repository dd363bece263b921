using Microsoft.Extensions.Options;

namespace Runs.Api.Events;

/// <summary>Bounds how many streams and long polls are open in this process.</summary>
internal sealed class FollowerLimit(IOptions<ApiOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.Value.FollowerLimit);

    /// <summary>A place, to be disposed of, or null when all are taken.</summary>
    public IDisposable? TryEnter() => _places.Wait(0, CancellationToken.None) ? new Place(_places) : null;

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}
