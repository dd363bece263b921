using System.Globalization;
using System.Runtime.CompilerServices;

namespace Runs.Client.Http;

/// <summary>Reads lists that have pages.</summary>
internal static class Pages
{
    public static async IAsyncEnumerable<T> Read<T>(
        ApiTransport transport,
        string path,
        IReadOnlyList<(string Name, string? Value)> query,
        int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var parameters = query.Append(("cursor", cursor)).Append(("limit", pageSize.ToString(CultureInfo.InvariantCulture)));
            var page = await transport.Send<Page<T>>(new ApiRequest(HttpMethod.Get, path + ToQuery(parameters)), cancellationToken);
            foreach (var item in page.Data)
            {
                yield return item;
            }

            cursor = page.PageInfo?.Next;
        }
        while (cursor is not null);
    }

    /// <summary>
    /// Returns the query of those parameters that have a value, with its question mark; empty for none.
    /// </summary>
    public static string ToQuery(IEnumerable<(string Name, string? Value)> parameters)
    {
        var text = string.Join(
            '&', parameters.Where(item => item.Value is not null).Select(item => $"{item.Name}={Uri.EscapeDataString(item.Value!)}"));
        return text.Length == 0 ? "" : $"?{text}";
    }
}
