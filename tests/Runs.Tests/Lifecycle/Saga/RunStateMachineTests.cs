using System.Text.RegularExpressions;
using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

public sealed partial class RunStateMachineTests
{
    private static readonly RunStateMachine Machine = new();

    private static IEnumerable<State> LifecycleStates => Machine.States.Where(state => state != Machine.Initial && state != Machine.Final);

    [Fact]
    public void Every_state_declares_every_event()
    {
        Event[] messages =
        [
            Machine.CreateRun,
            Machine.StartRun,
            Machine.ClaimRun,
            Machine.ReleaseRun,
            Machine.WaitRun,
            Machine.ResumeRun,
            Machine.CompleteRun,
            Machine.CancelRun,
            Machine.RunDue,
        ];

        var unhandled =
            from state in LifecycleStates
            from message in messages
            where !Machine.NextEvents(state).Contains(message)
            select $"{state.Name} x {message.Name}";

        Assert.Empty(unhandled);
    }

    [Fact]
    public void The_states_are_the_published_statuses_and_two_that_clients_do_not_see() =>
        Assert.Equal(
            RunStatuses.All.Append(Run.CancellationPending).Append(Run.Retrying).Order(), LifecycleStates.Select(GetValue).Order());

    [Fact]
    public void The_documented_diagram_shows_exactly_the_transitions()
    {
        var transitions = new TransitionCollector();
        Machine.Accept(transitions);

        var shown = Arrow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/runs.md")))
            .Select(arrow => (arrow.Groups[1].Value, arrow.Groups[2].Value));

        Assert.Equal(transitions.Found.Distinct().Order(), shown.Where(arrow => arrow.Item2 != "[*]").Distinct().Order());
    }

    [GeneratedRegex(@"^ *(?<from>\[\*\]|[a-z_]+) --> (?<to>\[\*\]|[a-z_]+)", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    private static string GetValue(State state)
    {
        var run = LifecycleData.StoredRun(RunStatuses.Pending);
        return RunStateNames.TrySetState(run, state.Name) ? RunStateNames.GetValue(run) : state.Name;
    }

    /// <summary>Visits the state machine and collects its transitions.</summary>
    private sealed class TransitionCollector : StateMachineVisitor
    {
        private string _state = "";

        public List<(string From, string To)> Found { get; } = [];

        public void Visit(State state, Action<State> next)
        {
            _state = state == Machine.Initial ? "[*]" : GetValue(state);
            next(state);
        }

        public void Visit(Event @event, Action<Event> next) => next(@event);

        public void Visit<TMessage>(Event<TMessage> @event, Action<Event<TMessage>> next)
            where TMessage : class => next(@event);

        public void Visit(IStateMachineActivity activity) => Add(activity);

        public void Visit<T>(IBehavior<T> behavior)
            where T : class, SagaStateMachineInstance
        {
        }

        public void Visit<T>(IBehavior<T> behavior, Action<IBehavior<T>> next)
            where T : class, SagaStateMachineInstance => next(behavior);

        public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior)
            where T : class, SagaStateMachineInstance
            where TMessage : class
        {
        }

        public void Visit<T, TMessage>(IBehavior<T, TMessage> behavior, Action<IBehavior<T, TMessage>> next)
            where T : class, SagaStateMachineInstance
            where TMessage : class => next(behavior);

        public void Visit(IStateMachineActivity activity, Action<IStateMachineActivity> next)
        {
            Add(activity);
            next(activity);
        }

        private void Add(IStateMachineActivity activity)
        {
            if (activity is MassTransit.SagaStateMachine.TransitionActivity<RunSaga> transition)
            {
                Found.Add((_state, GetValue(transition.ToState)));
            }
        }
    }
}
