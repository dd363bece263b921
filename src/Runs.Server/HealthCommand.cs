namespace Runs.Server;

/// <summary><c>health &lt;address&gt;</c>: asks a server for its health, for containers that have no other client.</summary>
internal static class HealthCommand
{
    public static async Task<int> Ask(string address)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var answer = await client.GetAsync(new Uri(address));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception trouble) when (trouble is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(trouble.Message);
            return 1;
        }
    }
}
