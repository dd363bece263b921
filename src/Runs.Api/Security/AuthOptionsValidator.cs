using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Runs.Contracts;

namespace Runs.Api.Security;

/// <summary>Checks <see cref="AuthOptions"/> as a whole. Every message begins with the name of the setting and never quotes a value that may be secret.</summary>
internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    private const int MinKeyBits = 2048;

    private static readonly TimeSpan MaxKeyCacheTime = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var errors = new List<string>();
        CheckSigner(options, errors);
        CheckWords("TokenScopes", options.TokenScopes, errors);
        for (var i = 0; i < options.ApiKeys.Count; i++)
        {
            CheckKey($"ApiKeys:{i}", options.ApiKeys[i], errors);
            if (options.ApiKeys.FindIndex(key => key.Prefix == options.ApiKeys[i].Prefix) is var first && first < i)
            {
                Add($"ApiKeys:{i}:Prefix", $"is the prefix of Auth:ApiKeys:{first}, too. Every key needs a prefix of its own.", errors);
            }
        }

        if (options.KeyCacheTime < TimeSpan.Zero || options.KeyCacheTime > MaxKeyCacheTime)
        {
            Add("KeyCacheTime", "must be a time from 00:00:00 to 00:05:00.", errors);
        }

        if (options is { ApiKeys.Count: 0, HasSigner: false, StoredKeys: false })
        {
            errors.Add(
                "Auth: no credential would be accepted. Set Auth:Authority, Auth:JwksUri or Auth:PublicKey for tokens, Auth:ApiKeys:0:… for keys, "
                + "or leave Auth:StoredKeys on and make keys with \"keys create\".");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckSigner(AuthOptions options, List<string> errors)
    {
        CheckAddress("Authority", options.Authority, errors);
        CheckAddress("JwksUri", options.JwksUri, errors);
        if (!string.IsNullOrEmpty(options.PublicKey) && !IsPublicKey(options.PublicKey))
        {
            Add("PublicKey", $"must be an RSA public key of at least {MinKeyBits} bits in PEM.", errors);
        }

        if (!options.HasSigner)
        {
            return;
        }

        if (string.IsNullOrEmpty(options.Audience))
        {
            Add("Audience", "must name the audience of this API's tokens, since a signer of tokens is set; or * to take tokens for any service.", errors);
        }

        // The discovery document of an authority names the issuer.
        if (string.IsNullOrEmpty(options.Issuer) && (options.Authority is null || options.JwksUri is not null))
        {
            Add("Issuer", "must name the issuer of tokens, since Auth:JwksUri or Auth:PublicKey is set; or * to take tokens of any.", errors);
        }
    }

    private static void CheckKey(string at, ApiKeyOptions key, List<string> errors)
    {
        if (!ApiKey.IsPrefix(key.Prefix))
        {
            Add($"{at}:Prefix", $"must be 1-{ApiKey.MaxPrefix} letters and digits.", errors);
        }

        if (key.SecretSha256 is not { Length: 64 } || !key.SecretSha256.All(char.IsAsciiHexDigit))
        {
            Add($"{at}:SecretSha256", "must be the SHA-256 of the secret: 64 hexadecimal digits.", errors);
        }

        if (string.IsNullOrEmpty(key.Tenant) || Limits.Line(key.Tenant, Limits.Key) is not null)
        {
            Add($"{at}:Tenant", $"must be 1-{Limits.Key} characters, none of them a control character.", errors);
        }

        CheckWords($"{at}:Scopes", key.Scopes, errors);
        if (key.Projects is not null && (Scopes.Words(key.Projects).Length == 0 || !Scopes.Words(key.Projects).All(Limits.IsUuid)))
        {
            Add($"{at}:Projects", "must be one or more UUIDs separated by spaces; leave it out for all projects.", errors);
        }

        if (!ResponderTypes.All.Contains(key.ActorType))
        {
            Add($"{at}:ActorType", $"must be one of {string.Join(", ", ResponderTypes.All)}.", errors);
        }

        if (key.NotAfter <= key.NotBefore)
        {
            Add($"{at}:NotAfter", "must be later than NotBefore.", errors);
        }
    }

    private static void CheckWords(string at, string? scopes, List<string> errors)
    {
        if (scopes is not null && Scopes.Words(scopes).Any(scope => !Scopes.All.Contains(scope)))
        {
            Add(at, $"must be some of {string.Join(", ", Scopes.All)}, separated by blanks.", errors);
        }
    }

    private static void CheckAddress(string at, Uri? address, List<string> errors)
    {
        if (address is not null && (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))))
        {
            Add(at, "must be an absolute https address; http only on this machine.", errors);
        }
    }

    private static bool IsPublicKey(string pem)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return rsa.KeySize >= MinKeyBits;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static void Add(string at, string wrong, List<string> errors) => errors.Add($"{AuthOptions.Section}:{at} {wrong}");
}
