using System.Globalization;

using BitMiracle.LibJpeg.Classic;

namespace CMUNeXt.Imaging.Formats;

/// <summary>What the JPEG decoder says: it would print its warnings and go on with samples made up, where a refusal is due.</summary>
internal sealed class JpegMessages : jpeg_error_mgr
{
    // Some encoders leave a few bytes before the end marker. Lost or added data leaves more: the decoder falls out of step for a while.
    private const int MostStrayBytes = 16;
    private const string EndMarker = "217";

    private J_MESSAGE_CODE last;
    private string? patched;
    private bool endIsMissing;
    private bool inHeader = true;

    /// <summary>Runs a part of the decoder, which on damaged files fails in whatever way it runs into them.</summary>
    /// <exception cref="InvalidDataException">It failed.</exception>
    public static T Guard<T>(Func<T> part)
    {
        try
        {
            return part();
        }
        catch (Exception e) when (e is not (InvalidDataException or OutOfMemoryException))
        {
            throw Damaged(e.Message, e);
        }
    }

    public static InvalidDataException Damaged(string what, Exception? cause = null) =>
        new($"a damaged JPEG ({what.ReplaceLineEndings(" ")}): copy it again from its source, or convert it to PNG", cause);

    /// <summary>From here on, stray bytes are samples that were lost.</summary>
    public void HeaderIsRead() => inHeader = false;

    /// <summary>Refuses a file of which a part had to be made up. One that lacks only its end marker is whole.</summary>
    /// <param name="complete">Whether every coefficient came to its last bit.</param>
    /// <exception cref="InvalidDataException">It is not whole.</exception>
    public void Demand(bool complete)
    {
        if (patched is not null)
        {
            throw Damaged(patched);
        }

        if (endIsMissing && !complete)
        {
            throw Damaged("it ends too early");
        }
    }

    public override void error_exit()
    {
        string message = format_message();
        if (last == J_MESSAGE_CODE.JERR_NOTIMPL)
        {
            message = "arithmetic coding";
        }

        throw last is J_MESSAGE_CODE.JERR_BAD_PRECISION or J_MESSAGE_CODE.JERR_SOF_UNSUPPORTED
            or J_MESSAGE_CODE.JERR_COMPONENT_COUNT or J_MESSAGE_CODE.JERR_NOTIMPL
            ? new InvalidDataException($"a JPEG of a kind that is not read ({message}): convert it to PNG")
            : Damaged(message);
    }

    public override void emit_message(int msg_level)
    {
        if (msg_level >= 0)
        {
            return;
        }

        string message = format_message();
        switch (last)
        {
            case J_MESSAGE_CODE.JWRN_JPEG_EOF:
                endIsMissing = true;
                break;
            case J_MESSAGE_CODE.JWRN_JFIF_MAJOR or J_MESSAGE_CODE.JWRN_ADOBE_XFORM:
            case J_MESSAGE_CODE.JWRN_EXTRANEOUS_DATA when inHeader || IsPadding(message):
                break;
            default:
                patched ??= message;
                break;
        }
    }

    public override void output_message()
    {
    }

    // The only place where the decoder hands out a message's number. The count and the marker are wanted as numbers.
    protected override string GetMessageText(int code)
    {
        last = (J_MESSAGE_CODE)code;
        return last == J_MESSAGE_CODE.JWRN_EXTRANEOUS_DATA ? "{0} stray bytes before marker {1}" : base.GetMessageText(code);
    }

    private static bool IsPadding(string message) =>
        message.Split(' ') is [var count, .., EndMarker] && int.Parse(count, CultureInfo.InvariantCulture) <= MostStrayBytes;
}
