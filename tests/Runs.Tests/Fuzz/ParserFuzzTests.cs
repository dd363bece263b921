using System.Buffers;
using System.Globalization;
using System.Numerics;
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

/// <summary>Everything that reads what strangers send, with anything at all to read: it reads it or refuses it, and throws nothing but what it says.</summary>
public sealed class ParserFuzzTests
{
    private static readonly Dictionary<string, Type> Commands = new()
    {
        ["runs.create-run"] = typeof(CreateRun),
        ["runs.start-run"] = typeof(StartRun),
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

        var read = await JsonBodyReader.Read(CreateHttpRequest(sent), CancellationToken.None);

        Assert.True(read.Value is null != read.Problem is null);
        if (!read.IsSuccess)
        {
            return;
        }

        using var body = read.Value;
        var (command, _, errors) = CreateRunBodyParser.Parse(body.RootElement, "acme", "run_anonymous");
        Assert.Equal(command is null, errors.Count > 0);
        Assert.All(errors, AssertIsComplete);
        if (command is not null)
        {
            CommandValidation.Validate(JsonSerializer.Deserialize<CreateRun>(JsonSerializer.Serialize(command))!);
        }

        var wrong = new List<ValidationError>();
        var append = AppendEventsBody.Parse(body.RootElement, wrong);
        Assert.Equal(append is null, wrong.Count > 0);
        Assert.All(wrong, AssertIsComplete);
        AssertSnapshotIsJson(append?.Events ?? []);
    });

    [Fact]
    public Task Canonical_forms_are_stable_and_equal_exactly_for_equal_values() => FuzzRunner.Run(2000, (random, input) =>
    {
        var mutation = new Mutator(random);
        var (one, other) = (Value(), Value());
        input.Append(FuzzRunner.ToLiteral(one)).Append(' ').Append(FuzzRunner.ToLiteral(other));
        if (Parse(one) is not { } stored || Parse(other) is not { } sent)
        {
            return;
        }

        var (form, otherForm) = (Canonicalize(stored), Canonicalize(sent));

        Assert.Equal(form, Canonicalize(JsonElement.Parse(form, DocumentOptions)));
        Assert.Empty(CanonicalJson.FindDifferences(stored, JsonElement.Parse(form, DocumentOptions)));
        Assert.Null(JsonObjectReader.FindUnicodeError(JsonElement.Parse(form, DocumentOptions)));
        Assert.Equal(form == otherForm, CanonicalJson.FindDifferences(stored, sent).Count == 0);
        Assert.Equal(form == otherForm, CanonicalJson.ComputeFingerprint(stored) == CanonicalJson.ComputeFingerprint(sent));

        byte[] Value() => mutation.MutateJson(Encoding.UTF8.GetBytes(mutation.OneOf([ValidBodies.Complete, ValidBodies.Append, "1", "\"x\"", mutation.CreateValue()])));
    });

    [Fact]
    public Task Canonical_numbers_keep_their_value() => FuzzRunner.Run(5000, (random, input) =>
    {
        var literal = CreateNumberLiteral(random);
        input.Append(literal);

        var form = Canonicalize(JsonElement.Parse(literal));

        Assert.Equal(form, Canonicalize(JsonElement.Parse(form)));
        var (was, written) = (double.Parse(literal, CultureInfo.InvariantCulture), double.Parse(form, CultureInfo.InvariantCulture));
        Assert.True(was.Equals(written) || (was == 0 && written == 0), $"{form} is another number.");
        var whole = ParseWholeNumber(literal);
        Assert.Equal(whole is not null, JsonNumber.TryParseInt64(Encoding.ASCII.GetBytes(literal), out var number));
        Assert.Equal(whole ?? 0, number);
    });

    [Fact]
    public Task Random_cursors_are_rejected_or_survive_a_round_trip() => FuzzRunner.Run(5000, (random, input) =>
    {
        var mutation = new Mutator(random);
        var id = new byte[16];
        random.NextBytes(id);
        var place = new RunCursor(DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())), new Guid(id));
        var text = mutation.MutateText(mutation.Chance(2) ? PageRequest.EncodeCursor(place) : new InputRequestCursor(place, random.Next()).Encode());
        input.Append(FuzzRunner.ToLiteral(Encoding.Latin1.GetBytes(text)));

        Assert.Equal(place, PageRequest.DecodeCursor(PageRequest.EncodeCursor(place)));
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

        Assert.Equal(key == DevelopmentApiKey.Key, ApiKey.TryParse(key, out var prefix, out var secret) && prefix == "dev" && ApiKey.VerifySecret(secret, ApiKey.ComputeHash("secret")));
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
        var reader = new CommandReader(Commands, new ReplyQueuePolicy([]), new PublisherPermissions(new Dictionary<string, Publisher>(), "", ""));

        try
        {
            CommandValidation.Validate(reader.ReadCommand(new Delivery(exchange, new BasicProperties(), sent), null));
        }
        catch (InvalidMessageException refused)
        {
            Assert.NotEmpty(refused.Message);
        }
    });

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 256 };

    private static readonly ServiceProvider Services = new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddSingleton<IOptions<ApiOptions>>(Options.Create(new ApiOptions { MaxBodyMemoryMegabytes = 1_000_000 })) // no request ends here
        .AddSingleton<RequestLimits>()
        .AddSingleton<RequestBodyReader>()
        .BuildServiceProvider();

    private static HttpRequest CreateHttpRequest(byte[] body) =>
        new DefaultHttpContext { RequestServices = Services, Request = { Body = new MemoryStream(body), ContentType = "application/json" } }.Request;

    private static void AssertIsComplete(ValidationError error)
    {
        Assert.True(error.Pointer.Length == 0 || error.Pointer[0] == '/', error.ToString());
        Assert.NotEmpty(error.Detail);
    }

    private static void AssertSnapshotIsJson(IReadOnlyList<Api.Events.EventToAppend> events)
    {
        var log = new LogCompactor();
        for (var i = 0; i < events.Count; i++)
        {
            log.Add(new RunEvent(i + 1, events[i].Type, true, i + 1, DateTimeOffset.UnixEpoch, events[i].Event));
        }

        Assert.All(log.ToResources(default), logged => logged.Event.ToElement());
    }

    // As the API and the lifecycle read it: no member twice, and nothing that is no Unicode.
    private static JsonElement? Parse(byte[] json)
    {
        try
        {
            var value = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return JsonObjectReader.FindUnicodeError(value) is null ? value : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Canonicalize(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(value, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string CreateNumberLiteral(Random random)
    {
        var text = new StringBuilder(random.Next(2) == 0 ? "-" : "").Append(random.Next(3) == 0 ? "0" : Digits(random.Next(1, 10)) + Digits(random.Next(10), zeros: true));
        text.Append(random.Next(2) == 0 ? "" : $".{Digits(random.Next(1, 25), zeros: true)}");
        return text.Append(random.Next(2) == 0 ? "" : $"{"eE"[random.Next(2)]}{new[] { "", "+", "-" }[random.Next(3)]}{Digits(random.Next(1, 4), zeros: true)}").ToString();

        string Digits(int count, bool zeros = false) =>
            string.Concat(Enumerable.Range(0, count).Select(_ => zeros && random.Next(2) == 0 ? '0' : (char)('1' + random.Next(9))));
    }

    /// <summary>The whole number that a literal is, where a long holds it, reckoned in another way.</summary>
    private static long? ParseWholeNumber(string literal)
    {
        var parts = literal.Split('e', 'E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var mantissa = parts[0].Split('.');
        var digits = BigInteger.Parse(string.Concat(mantissa), CultureInfo.InvariantCulture);
        exponent -= mantissa.Length > 1 ? mantissa[1].Length : 0;
        var unit = BigInteger.Pow(10, Math.Abs(exponent));
        var (value, rest) = exponent >= 0 ? (digits * unit, BigInteger.Zero) : (BigInteger.DivRem(digits, unit, out var remainder), remainder);
        return rest.IsZero && value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }

    private static string CreateMessageJson(Type type) => type.Name switch
    {
        nameof(CreateRun) => JsonSerializer.Serialize(TestData.CreateRun() with { Trigger = new RunTrigger { ToolCallId = "call_9" }, ExpiresAt = DateTimeOffset.UnixEpoch }),
        nameof(StartRun) => """{"tenant":"acme","run_id":"run_1","event":{"type":"RUN_STARTED","runId":"run_1","emittedAt":1}}""",
        nameof(WaitRun) => """
            {"tenant":"acme","run_id":"run_1","reason":"input","tool_call_id":"form_1","tool_name":"form","expires_at":"2126-09-01T02:00:00Z",
             "input_request":{"requested_responder_type":"human","title":"Colour?","description":"Which?","fields":[{"name":"colour"}],"metadata":{"a":1}}}
            """,
        nameof(ResumeRun) => """{"tenant":"acme","run_id":"run_1","reason":"tool","tool_call_id":"call_1","result":{"a":1},"is_error":false,"responder":{"actor_type":"human","actor_id":"u"}}""",
        nameof(CompleteRun) => $$"""{"tenant":"acme","run_id":"run_1",{{ValidBodies.Complete.TrimStart()[1..]}}""",
        _ => """{"tenant":"acme","run_id":"run_1"}""",
    };
}
