using Runs.Api;

namespace Runs.Server;

/// <summary><c>keys create --tenant acme [--user &lt;uuid&gt;]</c>: makes an API key and prints it, once, with the record for the configuration.</summary>
internal static class KeysCommand
{
    private const string Usage = "usage: keys create --tenant <tenant> [--user <uuid>]";

    public static int Create(string[] options)
    {
        string? tenant = null;
        Guid? user = null;
        for (var i = 0; i < options.Length; i += 2)
        {
            switch (options[i], options.ElementAtOrDefault(i + 1))
            {
                case ("--tenant", { Length: > 0 and <= 128 } value):
                    tenant = value;
                    break;
                case ("--user", { } value) when Guid.TryParseExact(value, "D", out var id):
                    user = id;
                    break;
                default:
                    return Fail();
            }
        }

        if (tenant is null)
        {
            return Fail();
        }

        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        Console.Out.WriteLine($"""
            API key (shown once; keep it secret):
              {key}

            Record for the server's configuration (environment; use the next free number for 0):
              Auth__ApiKeys__0__Prefix={prefix}
              Auth__ApiKeys__0__SecretSha256={ApiKey.HashOf(secret)}
              Auth__ApiKeys__0__Tenant={tenant}
              Auth__ApiKeys__0__UserId={user ?? Guid.CreateVersion7()}
            """);
        return 0;
    }

    private static int Fail()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
