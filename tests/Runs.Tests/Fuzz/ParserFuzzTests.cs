using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using Runs.Api;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;

namespace Runs.Tests.Fuzz;

/// <summary>
/// Parsers of requests and messages: they parse random inputs or reject them, and throw only the documented exceptions.
/// </summary>
public sealed class ParserFuzzTests
{
    private static readonly Dictionary<string, Type> Commands = new()
    {
        ["runs.create-run"] = typeof(CreateRun),
        ["runs.start-run"] = typeof(StartRun),
        ["runs.claim-run"] = typeof(ClaimRun),
        ["runs.release-run"] = typeof(ReleaseRun),
        ["runs.renew-lease"] = typeof(RenewLease),
        ["runs.wait-run"] = typeof(WaitRun),
        ["runs.resume-run"] = typeof(ResumeRun),
        ["runs.complete-run"] = typeof(CompleteRun),
        ["runs.cancel-run"] = typeof(CancelRun),
    };

    [Fact]
    public Task Random_bodies_are_parsed_or_rejected_and_parsed_commands_pass_validation() => FuzzRunner.Run(2000, async (random, input) =>
    {
        var mutation = new Mutator(random);
        var sent = mutation.MutateJson(Encoding.UTF8.GetBytes(mutation.OneOf([.. ValidBodies.Creates("run_1"), ValidBodies.Append])));
        input.Append(FuzzRunner.ToLiteral(sent));

        var read = await Services.GetRequiredService<JsonBodyReader>().Read(CreateHttpRequest(sent), CancellationToken.None);

        Assert.True(read.Value is null != read.Problem is null);
        if (!read.IsSuccess)
        {
            return;
        }

        using var body = read.Value;
        var create = CreateRunBodyParser.Parse(body.RootElement, "acme", "run_anonymous");
        Assert.Equal(create.IsSuccess, create.GetErrors().Count == 0);
        Assert.All(create.GetErrors(), AssertIsComplete);
        if (create.IsSuccess)
        {
            CommandValidation.Validate(JsonSerializer.Deserialize<CreateRun>(JsonSerializer.Serialize(create.Value))!);
        }

        var append = AppendEventsBody.Parse(body.RootElement);
        Assert.Equal(append.IsSuccess, append.GetErrors().Count == 0);
        Assert.All(append.GetErrors(), AssertIsComplete);
        AssertSnapshotIsJson(append.Value?.Events ?? []);
    });

    [Fact]
    public Task Random_cursors_are_rejected_or_survive_a_round_trip() => FuzzRunner.Run(5000, (random, input) =>
    {
        var mutation = new Mutator(random);
        var id = new byte[16];
        random.NextBytes(id);
        var createdAt = DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
        var valid = new RunCursor(createdAt, new Guid(id));
        var validText = mutation.Chance(2) ? PageRequest.EncodeCursor(valid) : new InputRequestCursor(valid, random.Next()).Encode();
        var text = mutation.MutateText(validText);
        input.Append(FuzzRunner.ToLiteral(Encoding.Latin1.GetBytes(text)));

        Assert.Equal(valid, PageRequest.DecodeCursor(PageRequest.EncodeCursor(valid)));
        if (PageRequest.DecodeCursor(text) is { } cursor)
        {
            Assert.Equal(cursor, PageRequest.DecodeCursor(PageRequest.EncodeCursor(cursor)));
        }

        if (InputRequestCursor.Decode(text) is { } inputs)
        {
            Assert.Equal(inputs, InputRequestCursor.Decode(inputs.Encode()));
        }
    });

    [Fact]
    public Task Random_API_keys_and_Prefer_headers_are_parsed_or_ignored() => FuzzRunner.Run(5000, (random, input) =>
    {
        var mutation = new Mutator(random);
        var (key, preference) = (mutation.MutateText(DevelopmentApiKey.Key), mutation.MutateText("handling=strict, wait=30;x=y"));
        input.Append(key).Append('\n').Append(preference);

        var isValid = ApiKey.TryParse(key, out var prefix, out var secret)
            && prefix == "dev"
            && ApiKey.VerifySecret(secret, ApiKey.ComputeHash("secret"));
        Assert.Equal(key == DevelopmentApiKey.Key, isValid);
        var request = CreateHttpRequest([]);
        request.Headers["Prefer"] = preference;
        PreferHeader.HasStrictHandling(request);
        Assert.InRange(PreferHeader.GetWaitSeconds(request, 60) ?? 0, 0, 60);
    });

    [Fact]
    public Task Random_messages_are_accepted_or_rejected_permanently() => FuzzRunner.Run(2000, (random, input) =>
    {
        var mutation = new Mutator(random);
        var (exchange, type) = mutation.OneOf([.. Commands]);
        var sent = mutation.MutateJson(Encoding.UTF8.GetBytes(CreateMessageJson(type)));
        input.Append(exchange).Append(' ').Append(FuzzRunner.ToLiteral(sent));
        var permissions = new PublisherPermissions(new Dictionary<string, Publisher>(), "", "");
        var reader = new CommandReader(Commands, new ReplyQueuePolicy([]), permissions);

        try
        {
            CommandValidation.Validate(reader.ReadCommand(new Delivery(exchange, new BasicProperties(), sent), null));
        }
        catch (InvalidMessageException rejected)
        {
            Assert.NotEmpty(rejected.Message);
        }
    });

    private static readonly ServiceProvider Services = new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(Options.Create(new ApiOptions { MaxBodyMemoryMegabytes = 1_000_000 })) // the requests never release memory
        .AddMetrics()
        .AddSingleton<ApiMetrics>()
        .AddSingleton<RequestLimits>()
        .AddSingleton<RequestBodyReader>()
        .AddSingleton<JsonBodyReader>()
        .BuildServiceProvider();

    private static HttpRequest CreateHttpRequest(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentType = "application/json";
        return context.Request;
    }

    private static void AssertIsComplete(ValidationErrorResource error)
    {
        Assert.True(error.Pointer.Length == 0 || error.Pointer[0] == '/', error.ToString());
        Assert.NotEmpty(error.Detail);
    }

    private static void AssertSnapshotIsJson(IReadOnlyList<Api.Events.NewEvent> events)
    {
        var log = new LogCompactor();
        for (var i = 0; i < events.Count; i++)
        {
            log.Add(new RunEvent(i + 1, events[i].Type, true, i + 1, DateTimeOffset.UnixEpoch, events[i].Event));
        }

        Assert.All(log.ToResources(default), logged => logged.Event.ToElement());
    }

    private static string CreateMessageJson(Type type) => type.Name switch
    {
        nameof(CreateRun) => JsonSerializer.Serialize(TestData.CreateRun() with
        {
            Trigger = new RunTrigger { ToolCallId = "call_9" },
            ExpiresAt = DateTimeOffset.UnixEpoch,
        }),
        nameof(StartRun) => """{"tenant":"acme","run_id":"run_1","event":{"type":"RUN_STARTED","runId":"run_1","emittedAt":1}}""",
        nameof(WaitRun) => """
            {"tenant":"acme","run_id":"run_1","reason":"input","tool_call_id":"form_1","tool_name":"form",
             "expires_at":"2126-09-01T02:00:00Z","input_request":{"requested_responder_type":"human","title":"Colour?",
             "description":"Which?","fields":[{"name":"colour"}],"metadata":{"a":1}}}
            """,
        nameof(ResumeRun) => """
            {"tenant":"acme","run_id":"run_1","reason":"tool","tool_call_id":"call_1","result":{"a":1},"is_error":false,
             "responder":{"actor_type":"human","actor_id":"u"}}
            """,
        nameof(CompleteRun) => $$"""{"tenant":"acme","run_id":"run_1",{{ValidBodies.Complete.TrimStart()[1..]}}""",
        _ => """{"tenant":"acme","run_id":"run_1"}""",
    };
}
