using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>The checks of messages from any sender.</summary>
public sealed class CommandValidationTests
{
    public static TheoryData<object> ValidMessages { get; } =
        [Create(), Start(), Wait(), Resume(), Complete(), Cancel(), Due()];

    public static TheoryData<object, string> InvalidMessages { get; } = new()
    {
        { Create() with { Kind = "unknown" }, "CreateRun: /kind " },
        { Start() with { RunId = "" }, "StartRun: /run_id " },
        { Wait() with { Reason = "unknown" }, "WaitRun: /reason " },
        { Resume() with { RunId = "" }, "ResumeRun: /run_id " },
        { Complete("unknown"), "CompleteRun: /status " },
        { Cancel() with { RunId = "" }, "CancelRun: /run_id " },
    };

    [Theory]
    [MemberData(nameof(ValidMessages))]
    public void A_valid_message_is_accepted_and_a_create_has_a_request(object message) =>
        Assert.Equal(message is CreateRun ? "task:t" : null, CommandValidation.Validate(message)?.Target);

    [Theory]
    [MemberData(nameof(InvalidMessages))]
    public void An_invalid_message_is_rejected_with_the_member(object message, string start) => Assert.StartsWith(
        start, Assert.Throws<InvalidMessageException>(() => CommandValidation.Validate(message)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_exception_names_every_invalid_member()
    {
        var exception = Assert.Throws<InvalidMessageException>(
            () => CommandValidation.Validate(Complete("unknown") with { DurationMs = -1 }));

        Assert.Contains("/status ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(" /duration_ms ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_messages_of_the_saga_are_the_commands_and_RunDue()
    {
        var received = typeof(RunStateMachine).GetProperties()
            .Select(property => property.PropertyType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Event<>))
            .Select(type => type.GetGenericArguments()[0]);

        Assert.Equal(received.OrderBy(type => type.Name), LifecycleMessages.OfSaga.OrderBy(type => type.Name));
    }
}
