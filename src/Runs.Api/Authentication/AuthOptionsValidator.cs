using Microsoft.Extensions.Options;
using Runs.Contracts;

namespace Runs.Api.Authentication;

/// <summary>
/// Validates <see cref="AuthOptions"/>. Every message begins with the name of the setting and never quotes a value that
/// may be secret.
/// </summary>
internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    private static readonly TimeSpan MaxKeyCacheDuration = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxWorkerCacheDuration = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var errors = new List<string>();
        CheckTokens(options, errors);
        CheckSigningKeys(options, errors);
        CheckScopes(nameof(AuthOptions.DefaultTokenScopes), options.DefaultTokenScopes, errors);
        for (var i = 0; i < options.ApiKeys.Count; i++)
        {
            CheckApiKey($"ApiKeys:{i}", options.ApiKeys[i], errors);
            if (options.ApiKeys.FindIndex(key => key.Prefix == options.ApiKeys[i].Prefix) is var first && first < i)
            {
                errors.Add(DescribeError(
                    $"ApiKeys:{i}:Prefix", $"is the prefix of Auth:ApiKeys:{first}, too. Every key needs a different prefix."));
            }
        }

        if (options.KeyCacheDuration < TimeSpan.Zero || options.KeyCacheDuration > MaxKeyCacheDuration)
        {
            errors.Add(DescribeError(nameof(AuthOptions.KeyCacheDuration), "must be a time from 00:00:00 to 00:05:00."));
        }

        if (options.WorkerCacheDuration < TimeSpan.Zero || options.WorkerCacheDuration > MaxWorkerCacheDuration)
        {
            errors.Add(DescribeError(nameof(AuthOptions.WorkerCacheDuration), "must be a time from 00:00:00 to 00:01:00."));
        }

        if (options is { ApiKeys.Count: 0, AcceptsTokens: false, AcceptStoredKeys: false })
        {
            errors.Add(
                "Auth: no credential would be accepted. Set Auth:Authority, Auth:JwksUri or Auth:PublicKey for tokens, "
                + "Auth:ApiKeys:0:… for keys, or leave Auth:AcceptStoredKeys on and make keys with \"keys create\".");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckTokens(AuthOptions options, List<string> errors)
    {
        CheckAddress("Authority", options.Authority, errors);
        CheckAddress("JwksUri", options.JwksUri, errors);
        if (!string.IsNullOrEmpty(options.PublicKey) && !RsaPem.HasKey(options.PublicKey))
        {
            errors.Add(DescribeError("PublicKey", $"must be an RSA public key of at least {RsaPem.MinKeyBits} bits in PEM."));
        }

        if (!options.AcceptsTokens)
        {
            return;
        }

        if (string.IsNullOrEmpty(options.Audience))
        {
            errors.Add(DescribeError(
                "Audience",
                "must name the audience of this API's tokens, since a signer of tokens is set; or * to accept tokens for any service."));
        }

        // The discovery document of an authority names the issuer.
        if (string.IsNullOrEmpty(options.Issuer) && (options.Authority is null || options.JwksUri is not null))
        {
            errors.Add(DescribeError(
                "Issuer", "must name the issuer of tokens, since Auth:JwksUri or Auth:PublicKey is set; or * to accept tokens of any."));
        }
    }

    private static void CheckSigningKeys(AuthOptions options, List<string> errors)
    {
        if (!string.IsNullOrEmpty(options.SigningKey) && !RsaPem.HasPrivateKey(options.SigningKey, EventWriterKeys.MaxKeyBits))
        {
            errors.Add(DescribeError(
                "SigningKey",
                $"must be an unencrypted RSA private key of {RsaPem.MinKeyBits} to {EventWriterKeys.MaxKeyBits} bits in PEM."));
        }

        for (var i = 0; i < options.VerificationKeys.Count; i++)
        {
            if (!RsaPem.HasKey(options.VerificationKeys[i]))
            {
                errors.Add(DescribeError(
                    $"VerificationKeys:{i}", $"must be an RSA public key of at least {RsaPem.MinKeyBits} bits in PEM."));
            }
        }
    }

    private static void CheckApiKey(string setting, ApiKeyOptions key, List<string> errors)
    {
        if (!ApiKey.IsValidPrefix(key.Prefix))
        {
            errors.Add(DescribeError($"{setting}:Prefix", $"must be 1-{ApiKey.MaxPrefixLength} letters and digits."));
        }

        if (key.SecretSha256 is not { Length: 64 } || !key.SecretSha256.All(char.IsAsciiHexDigit))
        {
            errors.Add(DescribeError($"{setting}:SecretSha256", "must be the SHA-256 of the secret: 64 hexadecimal digits."));
        }

        if (string.IsNullOrEmpty(key.Tenant) || FieldRules.CheckSingleLine(key.Tenant, FieldLimits.MaxIdLength) is not null)
        {
            errors.Add(DescribeError(
                $"{setting}:Tenant", $"must be 1-{FieldLimits.MaxIdLength} characters, none of them a control character."));
        }

        CheckScopes($"{setting}:Scopes", key.Scopes, errors);
        if (key.Projects is not null
            && (Scopes.SplitSpaceDelimited(key.Projects) is not { Length: > 0 } projects || !projects.All(FieldRules.IsUuid)))
        {
            errors.Add(DescribeError(
                $"{setting}:Projects", "must be one or more UUIDs separated by spaces; leave it out for all projects."));
        }

        if (!ResponderTypes.All.Contains(key.ActorType))
        {
            errors.Add(DescribeError($"{setting}:ActorType", $"must be one of {string.Join(", ", ResponderTypes.All)}."));
        }

        if (key.NotAfter <= key.NotBefore)
        {
            errors.Add(DescribeError($"{setting}:NotAfter", "must be later than NotBefore."));
        }
    }

    private static void CheckScopes(string setting, string? scopes, List<string> errors)
    {
        if (scopes is not null && Scopes.SplitSpaceDelimited(scopes).Any(scope => !Scopes.All.Contains(scope)))
        {
            errors.Add(DescribeError(setting, $"must be some of {string.Join(", ", Scopes.All)}, separated by blanks."));
        }
    }

    private static void CheckAddress(string setting, Uri? address, List<string> errors)
    {
        var isAllowed = address is null
            || (address.IsAbsoluteUri
                && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)));
        if (!isAllowed)
        {
            errors.Add(DescribeError(setting, "must be an absolute https address; http only on this machine."));
        }
    }

    private static string DescribeError(string setting, string message) => $"{AuthOptions.Section}:{setting} {message}";
}
