using System.Text.RegularExpressions;
using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

public sealed partial class RunStateMachineTests
{
    private static readonly RunStateMachine Machine = new();

    private static IEnumerable<State> Life => Machine.States.Where(state => state != Machine.Initial && state != Machine.Final);

    [Fact]
    public void Every_state_has_an_answer_to_every_event()
    {
        Event[] messages = [Machine.CreateRun, Machine.StartRun, Machine.WaitRun, Machine.ResumeRun, Machine.CompleteRun, Machine.CancelRun, Machine.RunDue];

        var unanswered =
            from state in Life
            from message in messages
            where !Machine.NextEvents(state).Contains(message)
            select $"{state.Name} x {message.Name}";

        Assert.Empty(unanswered);
    }

    [Fact]
    public void The_states_are_the_published_statuses_and_that_of_a_cancel_that_came_first() =>
        Assert.Equal(RunStatuses.All.Append(Run.CalledOff).Order(), Life.Select(StatusOf).Order());

    [Fact]
    public void The_diagram_in_the_readme_shows_every_transition_and_no_other()
    {
        var transitions = new Transitions();
        Machine.Accept(transitions);

        var drawn = Arrow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")))
            .Select(arrow => (arrow.Groups[1].Value, arrow.Groups[2].Value));

        Assert.Equal(transitions.Found.Distinct().Order(), drawn.Where(arrow => arrow.Item2 != "[*]").Distinct().Order());
    }

    [GeneratedRegex(@"^ *(\[\*\]|[a-z_]+) --> (\[\*\]|[a-z_]+)", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    private static string StatusOf(State state) => RunStates.TryStatusOf(state.Name, out var status) ? status : state.Name;

    /// <summary>Walks the machine and notes from which state to which its activities lead.</summary>
    private sealed class Transitions : StateMachineVisitor
    {
        private string _state = "";

        public List<(string From, string To)> Found { get; } = [];

        public void Visit(State state, Action<State> next)
        {
            _state = state == Machine.Initial ? "[*]" : StatusOf(state);
            next(state);
        }

        public void Visit(Event @event, Action<Event> next) => next(@event);

        public void Visit<TMessage>(Event<TMessage> @event, Action<Event<TMessage>> next)
            where TMessage : class => next(@event);

        public void Visit(IStateMachineActivity activity) => Note(activity);

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
            Note(activity);
            next(activity);
        }

        private void Note(IStateMachineActivity activity)
        {
            if (activity is MassTransit.SagaStateMachine.TransitionActivity<RunState> transition)
            {
                Found.Add((_state, StatusOf(transition.ToState)));
            }
        }
    }
}
