using System.Globalization;

using BitMiracle.LibTiff.Classic;

namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// Keeps what LibTiff says of samples that it had to make up, where it would print it and go on. LibTiff has one handler for the whole
/// process: what it says of files that others read goes to the handler that they had.
/// </summary>
internal sealed class TiffMessages : TiffErrorHandler, IDisposable
{
    private static readonly TiffMessages Ours = new();
    private static volatile TiffErrorHandler? others;

    // A file is read by one thread.
    [ThreadStatic]
    private static bool isReading;

    [ThreadStatic]
    private static string? patched;

    /// <summary>What was made up in the file that this thread reads; null where nothing was.</summary>
    public static string? Patched => patched;

    /// <summary>Keeps what is said of the file that this thread reads, until it is disposed of.</summary>
    public static TiffMessages Listen()
    {
        TiffErrorHandler? before = Tiff.SetErrorHandler(Ours);
        if (before != Ours)
        {
            others = before;
        }

        (isReading, patched) = (true, null);
        return Ours;
    }

    public void Dispose() => isReading = false;

    public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
    {
        if (!isReading)
        {
            others?.WarningHandler(tif, method, format, args);
        }
        else if (method is not null && method.Contains("JPEG", StringComparison.OrdinalIgnoreCase))
        {
            ErrorHandler(tif, method, format, args);
        }
    }

    public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (!isReading)
        {
            others?.WarningHandlerExt(tif, clientData, method, format, args);
        }
    }

    public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
    {
        if (!isReading)
        {
            others?.ErrorHandler(tif, method, format, args);
        }
        else
        {
            patched ??= string.Format(CultureInfo.InvariantCulture, format, args);
        }
    }

    public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (!isReading)
        {
            others?.ErrorHandlerExt(tif, clientData, method, format, args);
        }
    }
}
