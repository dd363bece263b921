namespace Runs.Server.Health;

/// <summary>
/// <c>health &lt;address&gt;</c>: requests the health of a server, for containers that have no other HTTP client.
/// </summary>
internal static class HealthCommand
{
    public static async Task<int> Execute(string address)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var response = await client.GetAsync(new Uri(address));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
