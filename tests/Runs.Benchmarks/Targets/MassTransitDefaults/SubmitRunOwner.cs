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

/// <summary>Whose the run is.</summary>
public sealed record SubmitRunOwner(
    [property: System.Text.Json.Serialization.JsonPropertyName("kind")] string Kind, [property: System.Text.Json.Serialization.JsonPropertyName("id")] string Id);
