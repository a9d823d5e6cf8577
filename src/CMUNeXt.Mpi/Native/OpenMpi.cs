using System.Runtime.InteropServices;

namespace CMUNeXt.Mpi.Native;

/// <summary>
/// Open MPI's C interface (MPI 3.1), as far as it is used: versions 3 to 5, whose library is <c>libmpi.so.40</c>. Its handles are the
/// addresses of exported symbols.
/// </summary>
internal sealed unsafe partial class OpenMpi
{
    private const string Library = "libmpi.so.40";
    private const int ThreadFunneled = 1;

    private readonly nint world;
    private readonly nint bytes;

    private OpenMpi(nint library)
    {
        world = Symbol(library, "ompi_mpi_comm_world");
        bytes = Symbol(library, "ompi_mpi_byte");
    }

    /// <summary>Loads and initializes Open MPI; the calling thread is the only one that may use it.</summary>
    /// <param name="onOneHost">Whether all ranks are on this host.</param>
    /// <exception cref="PlatformNotSupportedException">It is not there, or is another MPI.</exception>
    public static OpenMpi Initialize(bool onOneHost)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("training on several ranks takes Linux and Open MPI; start without mpirun");
        }

        // UCX would take the signal that .NET makes a NullReferenceException of, and end the process.
        Libc.SetVariable("UCX_HANDLE_ERRORS", "none");
        Libc.SetVariable("UCX_ERROR_SIGNALS", "");

        // A rank that waits leaves its core to the threads that read its images.
        Libc.SetVariable("OMPI_MCA_mpi_yield_when_idle", "1");
        if (onOneHost)
        {
            Libc.SetVariable("OMPI_MCA_pml", "ob1");
        }

        // Open MPI's plug-ins find its symbols only where they are global, which NativeLibrary.Load does not make them.
        nint library = Libc.OpenGlobally(Library);
        if (library == 0)
        {
            throw new PlatformNotSupportedException(
                $"training on several ranks needs Open MPI, and its {Library} is not there; "
                + "install it (Debian, Ubuntu: apt-get install libopenmpi3 openmpi-bin)");
        }

        OpenMpi mpi = new(library);
        Check(MPI_Init_thread(null, null, ThreadFunneled, out int provided), "MPI_Init_thread");
        return provided >= ThreadFunneled
            ? mpi
            : throw new PlatformNotSupportedException("this Open MPI was built without threads; install one with MPI_THREAD_FUNNELED");
    }

    public int Rank()
    {
        Check(MPI_Comm_rank(world, out int rank), "MPI_Comm_rank");
        return rank;
    }

    public int Size()
    {
        Check(MPI_Comm_size(world, out int size), "MPI_Comm_size");
        return size;
    }

    public void AllGather(byte* own, int count, byte* all, int* counts, int* places) =>
        Check(MPI_Allgatherv(own, count, bytes, all, counts, places, bytes, world), "MPI_Allgatherv");

    public void AllToAll(byte* parts, int* partCounts, int* partPlaces, byte* received, int* receivedCounts, int* receivedPlaces) =>
        Check(MPI_Alltoallv(parts, partCounts, partPlaces, bytes, received, receivedCounts, receivedPlaces, bytes, world), "MPI_Alltoallv");

    public static void Finish() => Check(MPI_Finalize(), "MPI_Finalize");

    public void Abort(int status) => _ = MPI_Abort(world, status);

    private static nint Symbol(nint library, string name) => NativeLibrary.TryGetExport(library, name, out nint address)
        ? address
        : throw new PlatformNotSupportedException(
            $"{Library} is not that of Open MPI (it has no {name}); put Open MPI's before it in LD_LIBRARY_PATH");

    // By default Open MPI ends the job itself on an error.
    private static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new IOException($"{call} failed with error {error}");
        }
    }

    [LibraryImport(Library)]
    private static partial int MPI_Init_thread(int* argc, byte*** argv, int required, out int provided);

    [LibraryImport(Library)]
    private static partial int MPI_Comm_rank(nint communicator, out int rank);

    [LibraryImport(Library)]
    private static partial int MPI_Comm_size(nint communicator, out int size);

    [LibraryImport(Library)]
    private static partial int MPI_Allgatherv(
        byte* send, int sendCount, nint sendType, byte* received, int* receivedCounts, int* receivedPlaces,
        nint receivedType, nint communicator);

    [LibraryImport(Library)]
    private static partial int MPI_Alltoallv(
        byte* send, int* sendCounts, int* sendPlaces, nint sendType, byte* received, int* receivedCounts, int* receivedPlaces,
        nint receivedType, nint communicator);

    [LibraryImport(Library)]
    private static partial int MPI_Finalize();

    [LibraryImport(Library)]
    private static partial int MPI_Abort(nint communicator, int status);
}
