namespace Runs.Server.Messaging;

/// <summary>
/// Rewrites the headers of messages, in the bytes that the broker sends, so that RabbitMQ.Client can read them. It
/// cannot represent a decimal with more than 28 places and closes the connection for one; and it reads nested tables
/// and arrays recursively, so a publisher could exhaust the stack and end the process. Here such a decimal loses its
/// decimal point, and a table or array below <see cref="MaxDepth"/> others becomes the bytes it consists of. No length
/// changes. The service reads no header of these types. The tables of methods, such as the properties of the broker,
/// come from the broker itself and are left unchanged.
/// </summary>
/// <remarks>
/// AMQP 0-9-1, sections 2.3 (frames), 2.3.5.2 (content headers) and 4.2.5.5 (tables), with the field types of
/// <see href="https://www.rabbitmq.com/amqp-0-9-1-errata">RabbitMQ's errata</see>. The bytes come in any portions: the
/// state is kept between them. What is not well-formed is left unchanged; the broker sends nothing of the kind.
/// </remarks>
internal sealed class DeliveryHeaderRewriter
{
    /// <summary>
    /// The nesting of tables and arrays that is left unchanged. The table of all headers is the first.
    /// </summary>
    public const int MaxDepth = 32;

    private const byte ContentHeaderFrame = 2;
    private const int FixedBytes = 14; // class, weight, size of the body, property flags
    private const int MaxDecimalScale = 28;
    private const int ContentTypeFlag = 1 << 15;
    private const int ContentEncodingFlag = 1 << 14;
    private const int HeadersFlag = 1 << 13;

    // The end of each open table or array, as a position in the frame's payload.
    private readonly long[] _ends = new long[MaxDepth];
    private readonly bool[] _areTables = new bool[MaxDepth];

    private State _state = State.FrameType;
    private long _skip;
    private uint _number;
    private int _numberBytes;
    private bool _isContentHeader;
    private long _position;
    private long _frameEnd;
    private int _shortStrings;
    private int _depth;
    private bool _isTable;

    private enum State
    {
        FrameType,
        FrameSize,
        PropertyFlags,
        ShortString,
        ContainerLength,
        FieldName,
        FieldType,
        StringLength,
        DecimalScale,
        FieldEnd,
    }

    /// <summary>Rewrites the next bytes that the broker has sent.</summary>
    public void Rewrite(Span<byte> received)
    {
        for (var i = 0; i < received.Length;)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, received.Length - i);
                (i, _position, _skip) = (i + skipped, _position + skipped, _skip - skipped);
            }
            else if (_state > State.FrameSize && _position >= _frameEnd)
            {
                SkipFrame();
            }
            else if (_state == State.FieldEnd)
            {
                CloseContainers();
            }
            else
            {
                _position++;
                Read(ref received[i++]);
            }
        }
    }

    private void Read(ref byte value)
    {
        switch (_state)
        {
            case State.FrameType:
                _isContentHeader = value == ContentHeaderFrame;
                Skip(2, State.FrameSize); // the channel
                break;
            case State.FrameSize when ReadNumber(value, 4):
                (_position, _frameEnd) = (0, _number);
                if (_isContentHeader && _frameEnd >= FixedBytes)
                {
                    Skip(FixedBytes - 2, State.PropertyFlags);
                }
                else
                {
                    SkipFrame();
                }

                break;
            case State.PropertyFlags when ReadNumber(value, 2):
                _shortStrings = ((_number & ContentTypeFlag) != 0 ? 1 : 0) + ((_number & ContentEncodingFlag) != 0 ? 1 : 0);
                (_depth, _isTable) = (0, true);
                if ((_number & HeadersFlag) != 0)
                {
                    _state = _shortStrings > 0 ? State.ShortString : State.ContainerLength;
                }
                else
                {
                    SkipFrame();
                }

                break;
            case State.ShortString:
                Skip(value, --_shortStrings > 0 ? State.ShortString : State.ContainerLength);
                break;
            case State.ContainerLength when ReadNumber(value, 4):
                (_ends[_depth], _areTables[_depth]) = (_position + _number, _isTable);
                _depth++;
                _state = State.FieldEnd;
                break;
            case State.FieldName:
                Skip(value, State.FieldType);
                break;
            case State.FieldType:
                ReadFieldType(ref value);
                break;
            case State.StringLength when ReadNumber(value, 4):
                Skip(_number, State.FieldEnd);
                break;
            case State.DecimalScale:
                value = value > MaxDecimalScale ? (byte)0 : value;
                Skip(4, State.FieldEnd);
                break;
        }
    }

    private void ReadFieldType(ref byte type)
    {
        switch ((char)type)
        {
            case 'F' or 'A' when _depth < MaxDepth:
                (_isTable, _state) = (type == 'F', State.ContainerLength);
                break;
            case 'F' or 'A':
                (type, _state) = ((byte)'x', State.StringLength); // has a length, too
                break;
            case 'S' or 'x':
                _state = State.StringLength;
                break;
            case 'D':
                _state = State.DecimalScale;
                break;
            case 'V':
                _state = State.FieldEnd;
                break;
            case 't' or 'b' or 'B':
                Skip(1, State.FieldEnd);
                break;
            case 's' or 'u':
                Skip(2, State.FieldEnd);
                break;
            case 'I' or 'i' or 'f':
                Skip(4, State.FieldEnd);
                break;
            case 'l' or 'd' or 'T':
                Skip(8, State.FieldEnd);
                break;
            case 'L': // the broker's other name for l, which the client does not know
                type = (byte)'l';
                Skip(8, State.FieldEnd);
                break;
            default:
                SkipFrame();
                break;
        }
    }

    // After a field, and at the start of a table or array, which may be empty.
    private void CloseContainers()
    {
        while (_depth > 0 && _position >= _ends[_depth - 1])
        {
            _depth--;
        }

        if (_depth == 0)
        {
            SkipFrame();
        }
        else
        {
            _state = _areTables[_depth - 1] ? State.FieldName : State.FieldType;
        }
    }

    // Whether this byte is the last one of the number.
    private bool ReadNumber(byte value, int size)
    {
        _number = (_numberBytes == 0 ? 0 : _number << 8) | value;
        _numberBytes = (_numberBytes + 1) % size;
        return _numberBytes == 0;
    }

    private void Skip(long bytes, State next)
    {
        if (_state > State.FrameSize && _position + bytes > _frameEnd)
        {
            SkipFrame();
        }
        else
        {
            (_skip, _state) = (bytes, next);
        }
    }

    // Skips the rest of the frame, and the octet after it.
    private void SkipFrame() => (_skip, _numberBytes, _state) = (_frameEnd - _position + 1, 0, State.FrameType);
}
