using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Runs.Contracts;

namespace Runs.Api.Security;

/// <summary>
/// Reads the claims of a token whose signature is valid. It reads the JSON itself: the claims of the framework show an array as several claims, an object as text, and of two
/// members with one name only one.
/// </summary>
internal static class TokenClaims
{
    private const string Scope = "scope";
    private const string ScopeList = "scopes";
    private const string ProjectList = "projects";
    private const string ActorType = "actorType";

    private static readonly string[] TokenUses = ["tokenUse", "token_use"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The credential that the token is, or null when it is none for this API.</summary>
    public static Credential? Read(JsonWebToken token, AuthOptions options)
    {
        try
        {
            using var header = Parse(token.EncodedHeader);
            using var payload = Parse(token.EncodedPayload);
            return header.RootElement.TryGetProperty("crit", out _) ? null : Read(payload.RootElement, options); // no extension is understood here
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Credential? Read(JsonElement claims, AuthOptions options)
    {
        var uses = Scopes.Words(options.TokenUses);
        if (!TryText(claims, Caller.TenantClaim, out var tenant)
            || !TryText(claims, Caller.UserClaim, out var user) || string.IsNullOrEmpty(user)
            || !TryText(claims, ActorType, out var actor)
            || TokenUses.Any(name => !TryText(claims, name, out var use) || (use is not null && !uses.Contains(use)))
            || !TryWords(claims, Scope, out var scope) || !TryWords(claims, ScopeList, out var scopes)
            || !TryWords(claims, ProjectList, out var projects) || projects?.Any(project => !Limits.IsUuid(project)) == true)
        {
            return null;
        }

        // A token has what it names; scopes of other services are no concern of this one.
        var granted = scope is null && scopes is null ? Scopes.Words(options.TokenScopes) : (scope ?? []).Concat(scopes ?? []);
        return new Credential
        {
            Tenant = tenant,
            UserId = user,
            Scopes = granted.Where(Scopes.All.Contains).ToHashSet(),
            Projects = projects?.Select(project => project.ToLowerInvariant()).ToHashSet(),
            ActorType = actor switch
            {
                null or "user" => ResponderTypes.Human,
                _ => ResponderTypes.All.Contains(actor) ? actor : ResponderTypes.System,
            },
        };
    }

    private static JsonDocument Parse(string part) => JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);

    /// <summary>A claim that is absent, or one text.</summary>
    private static bool TryText(JsonElement claims, string name, out string? text)
    {
        text = null;
        if (!claims.TryGetProperty(name, out var claim))
        {
            return true;
        }

        text = claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;
        return text is not null;
    }

    /// <summary>A claim that is absent, a text of words, or an array of texts.</summary>
    private static bool TryWords(JsonElement claims, string name, out IReadOnlyList<string>? words)
    {
        words = null;
        if (!claims.TryGetProperty(name, out var claim))
        {
            return true;
        }

        words = claim.ValueKind switch
        {
            JsonValueKind.String => Scopes.Words(claim.GetString()!),
            JsonValueKind.Array when claim.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. claim.EnumerateArray().Select(item => item.GetString()!)],
            _ => null,
        };
        return words is not null;
    }
}
