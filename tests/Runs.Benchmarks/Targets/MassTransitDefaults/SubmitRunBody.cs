using System.Text.Json;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets.MassTransitDefaults;

/// <summary>The body of a create.</summary>
public sealed record SubmitRunBody(
    [property: System.Text.Json.Serialization.JsonPropertyName("public_id")] string PublicId,
    [property: System.Text.Json.Serialization.JsonPropertyName("kind")] string Kind,
    [property: System.Text.Json.Serialization.JsonPropertyName("owner")] SubmitRunOwner Owner,
    [property: System.Text.Json.Serialization.JsonPropertyName("request")] JsonElement Request);
